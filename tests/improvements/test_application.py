"""Improvements applied to the guide's services: what each changes, what stands in its way, and where it ends."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from config import SettingsError, StackSettings
from improvements.application import RefusedError, apply
from improvements.improvement import Stack, left
from improvements.items import ITEMS
from tests.improvements.adopted import DIGEST, entry_of, found, stack, text

NAMES = [item.name for item in ITEMS]
WHOLE = ("oauth2", "gateway", "exam")
"""Services of the guide of which nothing is left in the patch."""


def improved(service: str, *names: str, content: str | None = None) -> tuple[str, Stack]:
    """The stack file with improvements, and what it then says."""
    before = text() if content is None else content
    wanted = {name: DIGEST if name == "image" else "" for name in names}
    after = apply(before, stack(before), service, ITEMS, wanted).text
    return after, stack(after)


def all_of(service: str, order: list[str] | None = None) -> Iterator[Stack]:
    """What the stack file says after each improvement of a service, until nothing more can be applied."""
    content = text(service)
    while True:
        opened = found(stack(content), service)
        able = [name for name in order or NAMES if name in opened and not opened[name].blocked]
        if not able:
            return
        content, after = improved(service, able[0], content=content)
        yield after


@pytest.mark.parametrize("service", WHOLE)
def test_after_all_improvements_the_patch_is_empty_and_the_profile_restricted(service: str) -> None:
    *_, after = all_of(service)
    assert found(after, service) == {}
    assert after.settings.services[service].patch.fields == 0
    assert "patch" not in entry_of(after, service)
    assert after.settings.services[service].security_profile == "restricted"
    assert after.settings.registration_mode(service) == "sidecar"


def test_what_no_improvement_takes_out_is_named() -> None:
    subject = stack().subject("resource")
    assert left(subject, ITEMS) == [
        f"deployment: spec.template.spec.initContainers[wait-for-nacos].{key}"
        for key in ("image", "imagePullPolicy", "command")
    ]
    assert left(stack().subject("gateway"), ITEMS) == []


@settings(deadline=None, max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # each example is slow
@given(st.permutations(NAMES))
def test_improvements_in_any_order_load_and_never_grow_the_patch_and_end_in_the_same_settings(order: list[str]) -> None:
    sizes = [patch_size(stack(text("file")))]
    for after in all_of("file", order):
        sizes.append(patch_size(after))
        assert sizes[-1] <= sizes[-2]
    assert after.settings == usual_end()


def patch_size(loaded: Stack) -> int:
    return len(json.dumps(entry_of(loaded, "file").get("patch") or {}))


@functools.cache
def usual_end() -> StackSettings:
    *_, after = all_of("file")
    return after.settings


def test_what_is_blocked_is_refused_with_the_reason_and_nothing_comes_of_it() -> None:
    with pytest.raises(RefusedError, match=r"host path /etc/localtime"):
        improved("file", "security")
    with pytest.raises(RefusedError, match="apply registration"):
        improved("gateway", "drain")
    with pytest.raises(RefusedError, match="image=sha256"):
        apply(text(), stack(), "file", ITEMS, {"image": ""})


def test_what_is_not_open_and_what_is_none_is_refused() -> None:
    content, _ = improved("file", "rollout")
    with pytest.raises(RefusedError, match="the settings say it already"):
        improved("file", "rollout", content=content)
    with pytest.raises(RefusedError, match='did you mean "rollout"'):
        improved("file", "rolout")


def test_an_edit_that_check_would_refuse_is_refused_in_its_words() -> None:
    content = text().replace("version: 2.x", "version: 1.x")
    assert content != text()
    content, after = improved("file", "volumes", content=content)
    [reason] = found(after, "file")["registration"].blocked
    assert "must be none with Nacos 1.x" in reason
    with pytest.raises(RefusedError, match=r"must be none with Nacos 1\.x"):
        improved("file", "registration", content=content)


def test_a_file_that_is_refused_as_it_is_ends_before_anything() -> None:
    with pytest.raises(SettingsError):
        stack(text().replace("minReplicas: 3", "minReplicas: 999"))
