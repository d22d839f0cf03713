"""What goes wrong in the middle of `up`: one clear report; the next `up` finishes, with no second copy of anything."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.attachment import running_cloud
from sandbox.cloud.contents import Contents
from sandbox.command import EngineCommand
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import OperationError
from sandbox.progress import Lines
from tests.engine.conftest import Ackp, MakeSandbox, wait_for
from tests.engine.stacks import SEED, Cloud, Project, operations, state
from tests.settings import ROOT

DEPLOYMENT = {"operation": "create", "type": "kubernetes:apps/v1:Deployment"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.copy(tmp_path / "project", "uat", small=True)


@pytest.fixture
def faults(tmp_path: Path) -> Callable[..., Path]:
    """Write the file of faults: the rules, or none."""

    def write(*rules: dict[str, Any]) -> Path:
        file = tmp_path / "faults.json"
        file.write_text(json.dumps(rules), encoding="utf-8")
        return file

    return write


def assert_whole(place: Place, stack: str) -> None:
    """State and cloud hold the same, each thing once."""
    cloud = Cloud(place)
    resources = state(place, stack)
    named = [each["urn"] for each in resources]
    assert len(named) == len(set(named))
    made = [entry.urn for entry in cloud.entries.values() if entry.urn.startswith(f"urn:pulumi:{stack}::")]
    assert len(made) == len(set(made))
    assert set(made) == {
        each["urn"]
        for each in resources
        if each["custom"] and not each.get("external") and not each["type"].startswith("pulumi:")
    }


def test_a_throttled_create_finishes(
    sandbox: MakeSandbox, project: Project, place: Place, faults: Callable[..., Path]
) -> None:
    rule = {**DEPLOYMENT, "effect": "throttle", "seconds": 0.5}
    done = sandbox(root=project.root, faults=faults(rule)).up()
    assert operations(done)["gateway-deployment"] == "create"
    assert_whole(place, "uat")


def test_a_failing_create_is_named_and_the_next_up_finishes(
    sandbox: MakeSandbox, project: Project, place: Place, faults: Callable[..., Path]
) -> None:
    rule = {**DEPLOYMENT, "effect": "fail", "message": "etcdserver: request timed out"}
    with pytest.raises(OperationError) as failed:
        sandbox(root=project.root, faults=faults(rule)).up()
    assert "  Deployment uat/gateway (gateway-deployment)\n" in str(failed.value)
    assert "    rule   must be written by an API server that answers\n" in str(failed.value)
    assert str(failed.value).startswith("up: 1 resource failed; what was done before is kept")
    assert "etcdserver: request timed out" in str(failed.value)
    assert "Traceback" not in str(failed.value)
    assert operations(sandbox(root=project.root).up())["gateway-deployment"] == "create"
    assert_whole(place, "uat")


def test_a_connection_lost_after_the_commit_leaves_no_second_copy(
    sandbox: MakeSandbox,
    project: Project,
    place: Place,
    faults: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next run is refused what exists already, and says with which setting a run takes it over."""
    rule = {**DEPLOYMENT, "effect": "drop", "committed": True, "message": "connection reset by peer"}
    with pytest.raises(OperationError, match="connection reset by peer"):
        sandbox(root=project.root, faults=faults(rule)).up()
    assert "kubernetes:apps/Deployment::uat/gateway" in Cloud(place).entries
    with pytest.raises(
        OperationError, match=r"Deployment uat/gateway .*\n.*already exists\n.*\n.*--target '\*\*::gateway-"
    ):
        sandbox(root=project.root).up()
    with monkeypatch.context() as mended:
        mended.setenv("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "true")
        done = sandbox(root=project.root).up()
    assert operations(done)["gateway-deployment"] == "create"
    assert_whole(place, "uat")
    assert operations(sandbox(root=project.root).up()) == {"kubernetes": "update"}  # the setting is gone again


def test_a_vanished_object_is_told_by_a_preview_after_a_refresh_and_made_again(
    sandbox: MakeSandbox, project: Project, place: Place, engine: Engine
) -> None:
    sandbox(root=project.root).up()
    by_hand = Contents(place.contents)
    assert by_hand.remove("kubernetes:core/Service", "uat/gateway")
    by_hand.close()
    command = EngineCommand(engine, place)
    with running_cloud(place, ROOT, seed=SEED) as providers:
        extra = {"PULUMI_DEBUG_PROVIDERS": providers()}
        done = command.run(["refresh", "--yes", "--skip-preview", "--stack", "uat"], extra=extra)
    assert done.code == 0, done.stderr
    assert operations(sandbox(root=project.root).preview())["gateway-service"] == "create"
    assert operations(sandbox(root=project.root).up())["gateway-service"] == "create"
    assert_whole(place, "uat")


@pytest.mark.parametrize("end", ["interrupted", "killed"])
def test_an_up_that_is_ended_in_the_middle_goes_on_with_the_next(  # noqa: PLR0917 - fixtures
    sandbox: MakeSandbox,
    ackp: Callable[..., Ackp],
    project: Project,
    place: Place,
    faults: Callable[..., Path],
    end: str,
) -> None:
    rules = faults({**DEPLOYMENT, "effect": "hang", "seconds": 60})
    command = ackp(project.root, "up", "--stack", "uat", faults=rules)
    wait_for(lambda: command.process.poll() is not None or _pending(place, "gateway-deployment"))
    assert command.process.poll() is None, command.end()
    if end == "interrupted":
        command.signal(signal.SIGINT, group=True)
        code, _, err = command.end()
        assert code == 130
        assert "Traceback" not in err
        assert "Run it again to go on." in err.splitlines()[-1]
    else:
        # As when the machine goes down: the command and everything that it has started.
        started = [int(place.lock(name).read_text(encoding="utf-8")) for name in ("engine", "cloud")]
        os.killpg(command.process.pid, signal.SIGKILL)
        for process in started:
            os.kill(process, signal.SIGKILL)
        command.end()
    faults()
    assert operations(sandbox(root=project.root, progress=Lines()).up())["gateway-deployment"] == "create"
    assert_whole(place, "uat")
    assert operations(sandbox(root=project.root).up()) == {}


def _pending(place: Place, name: str) -> bool:
    """Whether the engine has noted that it is creating a resource."""
    states = list(place.state.glob(".pulumi/stacks/*/uat.json"))
    return bool(states) and f"::{name}" in states[0].read_text(encoding="utf-8")


def test_two_ups_at_once_the_second_says_who_is_at_work(
    ackp: Callable[..., Ackp], project: Project, place: Place, faults: Callable[..., Path]
) -> None:
    rules = faults({**DEPLOYMENT, "effect": "hang", "seconds": 60})
    first = ackp(project.root, "up", "--stack", "uat", faults=rules)
    wait_for(lambda: first.process.poll() is not None or _pending(place, "gateway-deployment"))
    code, _, err = ackp(project.root, "up", "--stack", "uat").end()
    assert code == 1
    assert f"`ackp up --stack uat` (process {first.process.pid}, since " in err
    assert len(err.strip().splitlines()) == 1
    first.signal(signal.SIGINT)
    assert first.end()[0] == 130


def test_two_sandboxes_at_once_do_not_meet_on_a_port(
    ackp: Callable[..., Ackp], project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []
    for name in ("one", "other"):
        monkeypatch.setenv("ACKP_SANDBOX", str(tmp_path / name))
        commands.append(ackp(project.root, "preview", "--stack", "uat"))
    assert [command.end()[0] for command in commands] == [0, 0]
