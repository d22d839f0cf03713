"""The guide's cluster under the operator's own `pulumi`: adopted, the plug-in finds every object as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adopt.adoption import take_over
from adopt.engine import reading_provider
from adopt.server import ApiServer
from cluster.plane import control_plane
from sandbox.progress import Lines
from tests import given_cloud
from tests.adopt.adopted import Place
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Api
from tests.plugins.cloud import cloud
from tests.plugins.stack import RealStack
from tests.plugins.test_given import changed
from tests.plugins.tools import Tools


@pytest.fixture(scope="module")
def clicked() -> Iterator[tuple[Path, GuideCluster]]:
    """A cluster that was made by clicks, and its kubeconfig."""
    with control_plane(Lines()) as path, GuideCluster(Api(path)).at_work() as guide:
        yield path, guide


def test_d1_what_was_made_by_clicks_is_a_stack_without_changes(
    clicked: tuple[Path, GuideCluster], tools: Tools, tmp_path: Path
) -> None:
    kubeconfig, guide = clicked
    place = Place.make(guide, kubeconfig, tmp_path, "uat")
    adoption, files = place.adopt(kubeconfig=str(kubeconfig))
    files.write()
    take_over(adoption, place.connection)
    before, pods = place.versions_at_rest(adoption), place.pods()

    stack = RealStack(tools, tmp_path, "uat", guide.api)
    stack.source.file.write_bytes((tmp_path / "Pulumi.uat.yaml").read_bytes())
    certificate = kubeconfig.parent / "certificates" / "apiserver.crt"
    with cloud(given_cloud.answers(stack.settings), certificate) as answering:
        stack.environment |= answering
        stack.begin()
        with reading_provider(ApiServer(place.connection)) as reading:
            stack.environment["PULUMI_DEBUG_PROVIDERS"] = reading
            stack.up()
        del stack.environment["PULUMI_DEBUG_PROVIDERS"]
        assert {f"{each.service}-{each.role}" for each in adoption.taken} <= set(stack.resources())
        assert changed(stack.preview("--expect-no-changes")) == []
        assert changed(stack.up()) == []
    assert place.versions(adoption) == before
    assert place.pods() == pods
