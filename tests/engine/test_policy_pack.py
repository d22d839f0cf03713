"""The policy pack in the real engine: `pulumi preview --policy-pack policies`, with pulumi_policy's own classes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from sandbox.changes import Changes
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.run import Sandbox
from tests.engine.conftest import Ackp
from tests.engine.stacks import Project
from tests.policies.pack import copied_pack
from tests.settings import REMOVED

PRIVILEGED: dict[str, object] = {
    "environment.namespace.podSecurity": "privileged",
    "services.gateway.securityProfile": "legacy",
    "services.gateway.patch.deployment": {
        "spec": {"template": {"spec": {"containers": [{"name": "gateway", "securityContext": {"privileged": True}}]}}}
    },
}


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack, with its environment."""
    return copied_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def preview(engine: Engine, tmp_path: Path, place: Place, pack: Path) -> Callable[..., Changes]:
    """Preview the stack test with changes and with the pack."""

    def run(changes: dict[str, object]) -> Changes:
        project = Project.copy(tmp_path / "project", "test", small=True)
        project.edit(changes)
        return Sandbox(project.root, "test", place=place, engine=engine, policy_packs=[pack]).preview().changes

    return run


def said(changes: Changes) -> set[str]:
    """The rules that are broken."""
    told = "\n".join(each.message for each in changes.warnings)
    return set(re.findall(r"^([a-z-]+): [A-Z]", told, re.MULTILINE))


def test_a_shipped_stack_breaks_no_mandatory_rule_and_is_told_the_advisory_ones(
    preview: Callable[..., Changes],
) -> None:
    assert said(preview({})) == {"default-deny", "image-digest"}


def test_the_alb_and_the_nas_are_judged_by_what_the_program_registers(preview: Callable[..., Changes]) -> None:
    told = said(preview({"alb.accessLog": REMOVED, "nas.fileSystem.encryption": "none"}))
    assert told == {"default-deny", "image-digest", "alb-access-log", "nas-encrypted"}


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


def test_ackp_preview_takes_the_pack_as_pulumi_does(ackp: Callable[..., Ackp], tmp_path: Path, pack: Path) -> None:
    project = Project.copy(tmp_path / "project", "test", small=True)
    words = ("preview", "--stack", "test", "--policy-pack", str(pack))
    code, out, said = ackp(project.root, *words).end()
    assert (code, "Deployment gateway-deployment" in out) == (0, True)
    assert " advisory rules of each resource is broken:\nimage-digest: CronJob test/log-re" in said
    project.edit(PRIVILEGED)
    code, _out, said = ackp(project.root, *words).end()
    assert code == 1
    assert "not-privileged: Deployment test/gateway: container gateway: is privileged" in said


def test_a_folder_that_is_no_pack_and_a_pack_without_its_environment_are_refused_with_what_to_do(
    sandbox: Callable[..., Sandbox], tmp_path: Path, pack: Path
) -> None:
    with pytest.raises(SandboxError, match=f"{tmp_path} is no policy pack: it has no PulumiPolicy.yaml"):
        sandbox("test", policy_packs=[tmp_path]).preview()
    shutil.copy(pack / "PulumiPolicy.yaml", tmp_path)
    with pytest.raises(SandboxError, match=f"scripts/venv uv sync --locked --project {tmp_path}"):
        sandbox("test", policy_packs=[tmp_path]).preview()
