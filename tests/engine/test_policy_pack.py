"""The policy pack in the real engine: `pulumi preview --policy-pack policies`, with pulumi_policy's own classes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from sandbox.changes import Changes
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.run import Sandbox
from tests.engine.stacks import Project
from tests.policies.pack import PACK, environment, starter

PRIVILEGED: dict[str, object] = {
    "environment.namespace.podSecurity": "privileged",
    "services.gateway.securityProfile": "legacy",
    "services.gateway.patch.deployment": {
        "spec": {"template": {"spec": {"containers": [{"name": "gateway", "securityContext": {"privileged": True}}]}}}
    },
}


@pytest.fixture(scope="session")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pack's starter."""
    folder = tmp_path_factory.mktemp("policies")
    return starter(folder / "bin", environment(folder))


@pytest.fixture
def preview(
    engine: Engine, tmp_path: Path, place: Place, analyzer: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Changes]:
    """Preview the stack test with changes and with the pack."""
    monkeypatch.setenv("PATH", f"{analyzer}{os.pathsep}{os.environ['PATH']}")

    def run(changes: dict[str, object]) -> Changes:
        project = Project.copy(tmp_path / "project", "test", small=True)
        project.edit(changes)
        return Sandbox(project.root, "test", place=place, engine=engine, policy_packs=[PACK]).preview().changes

    return run


def said(changes: Changes) -> set[str]:
    """The rules that are broken."""
    told = "\n".join(each.message for each in changes.warnings)
    return set(re.findall(r"^([a-z-]+): [A-Z]", told, re.MULTILINE))


def test_a_shipped_stack_breaks_no_mandatory_rule_and_is_told_the_advisory_ones(
    preview: Callable[..., Changes],
) -> None:
    assert said(preview({})) == {"default-deny", "image-digest"}


def test_a_privileged_container_ends_the_preview_and_the_report_says_what_to_do(
    preview: Callable[..., Changes],
) -> None:
    with pytest.raises(SandboxError) as refused:
        preview(PRIVILEGED)
    report = str(refused.value)
    assert "not-privileged: Deployment test/gateway: container gateway: is privileged" in report
    assert "pod-security-standards" in report


def test_a_waiver_of_the_stack_file_lets_it_through(preview: Callable[..., Changes]) -> None:
    until = (date.today() + timedelta(days=14)).isoformat()  # noqa: DTZ011 -- the calendar that `load` reads
    waiver = {"rule": "image-digest", "service": "gateway", "reason": "the registry moves this month", "until": until}
    other = {**waiver, "service": "log-retention"}
    assert said(preview({"waivers": [waiver]})) == {"default-deny", "image-digest"}
    assert said(preview({"waivers": [waiver, other]})) == {"default-deny"}
