"""Whatever the settings accept, a real API server accepts: objects, and the pods made from them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from components.manifests.platform import platform_objects
from tests.cluster.admission import Admission
from tests.cluster.api import Api
from tests.manifests import shapes
from tests.manifests.any_settings import Stack, stacks
from tests.manifests.schemas import NEWEST, OLDEST
from tests.program.stacks import FOLDERS, shipped


@pytest.fixture(scope="module")
def admission(api: Api) -> Iterator[Admission]:
    asked = Admission(api)
    yield asked
    asked.end()


@pytest.mark.parametrize("stack", FOLDERS)
def test_every_shipped_stack_is_accepted_as_a_whole(admission: Admission, stack: str) -> None:
    stated = shipped(stack)
    assert admission.refusals(stated, list(platform_objects(stated))) == []


@pytest.mark.parametrize("minor", [OLDEST, NEWEST])
def test_every_position_of_every_switch_is_accepted(admission: Admission, minor: int) -> None:
    refused = {}
    for name, changes in shapes.single(minor):
        stated = shapes.shape(minor, changes)
        if found := admission.refusals(stated, list(platform_objects(stated))):
            refused[name] = found
    assert refused == {}


def test_what_the_settings_accept_the_api_server_accepts(admission: Admission) -> None:
    kept: list[int] = []

    @given(stacks())
    def run(drawn: Stack) -> None:
        stated, stack = drawn.nearest_accepted()
        kept.append(len(stack.changes))
        refused = admission.refusals(stated, list(platform_objects(stated)))
        assert not refused, "\n".join([*refused, "in", str(stack)])

    before = admission.asked
    run()
    assert len(kept) >= settings().max_examples >= 200
    assert sum(kept) > 2 * len(kept), "so few changes pass that little was tried"
    assert admission.asked - before > len(kept), "so few objects differ that little was asked"
