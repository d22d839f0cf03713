"""Runs for a part of a stack, which a deployer without all rights needs: the commands of the page on its rights."""

from __future__ import annotations

import re

from sandbox.changes import Changes
from tests.docs.documents import Page
from tests.engine.conftest import MakeSandbox
from tests.engine.stacks import Cloud
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "deployer-rights.md")


def targets(text: str) -> list[str]:
    return re.findall(r"--target '([^']+)'", text)


def test_the_namespace_comes_up_alone_then_the_helm_release_and_then_the_rest(sandbox: MakeSandbox) -> None:
    box = sandbox("test")
    for wanted, commands in (
        ({"kubernetes:core/Namespace::test"}, [block.text for block in PAGE.blocks]),
        ({"kubernetes:helm.sh/Release::kube-system/ack-extend-network-controller"}, PAGE.code),
    ):
        before = Cloud(box.place).created_by("test") if box.place.has_stack("test") else set()
        with box._working("up", Changes(None)) as stack:
            stack.up(target=targets("\n".join(commands)), parallel=8, suppress_progress=True)
        assert Cloud(box.place).created_by("test") - before == wanted
    box.up()
    assert len(Cloud(box.place).of("apps/Deployment", "test/")) == 7


def test_the_namespace_comes_up_alone_where_what_others_own_is_read_too(sandbox: MakeSandbox) -> None:
    """A run for a part reads what the stack is given, and refuses its own state where a reader's parent is left out."""
    box = sandbox("uat")
    with box._working("up", Changes(None)) as stack:
        stack.up(target=targets("\n".join(block.text for block in PAGE.blocks)), parallel=8, suppress_progress=True)
    assert Cloud(box.place).created_by("uat") == {"kubernetes:core/Namespace::uat"}
    box.up()
    assert len(Cloud(box.place).of("apps/Deployment", "uat/")) == 7
