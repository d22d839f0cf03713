"""`ackp eject` of a stack of the operator's own `pulumi`: its backend, its passphrase, and not one provider."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.run import Sandbox
from tests.engine.conftest import Ackp, wait_for
from tests.engine.stacks import Project


class Operator:
    """A person with a stack in a backend of their own, and no plug-in that could reach a cloud."""

    def __init__(self, folder: Path, project: Project, engine: Engine, passphrase: Path, backup: Path) -> None:
        self.project, self._engine, self.folder = project, engine, folder
        self.environment = {
            "PATH": f"{engine.path.parent}:{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        (folder / "backend").mkdir(parents=True)
        self.pulumi("stack", "init", project.stack)
        self.pulumi("stack", "import", "--stack", project.stack, "--file", str(backup))

    def pulumi(self, *arguments: str) -> str:
        """As a person with the right passphrase runs it."""
        done = subprocess.run(
            [self._engine.path, "--non-interactive", *arguments],
            cwd=self.project.root,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def state(self) -> str:
        return self.pulumi("stack", "export", "--stack", self.project.stack)


@pytest.fixture(scope="module")
def ejected(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The state of a stack that was up, with everything in it that a real one has, and its passphrase."""
    folder = tmp_path_factory.mktemp("ejected")
    project, place = Project.copy(folder / "project", "test", small=True), Place(folder / "sandbox")
    sandbox = Sandbox(project.root, "test", place=place, engine=engine)
    sandbox.up()
    with sandbox.ejecting() as state:
        (folder / "state.json").write_text(state.export(), encoding="utf-8")
    return folder / "state.json", place.passphrase


@pytest.fixture
def operator(engine: Engine, ejected: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    backup, passphrase = ejected
    found = Operator(
        tmp_path / "operator", Project.copy(tmp_path / "project", "test", small=True), engine, passphrase, backup
    )
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    return found


def run(operator: Operator, *arguments: str) -> tuple[int, str, str]:
    return Ackp(operator.project.root, "eject", *arguments, "--out", str(operator.folder / "out")).end()


def resources(text: str) -> list[tuple[str, str]]:
    """URN and id of each resource: an import encrypts secrets anew."""
    found = json.loads(text)["deployment"].get("resources") or []
    return [(each["urn"], each.get("id", "")) for each in found]


def test_the_state_is_saved_then_emptied_and_can_be_put_back(operator: Operator) -> None:
    before = operator.state()
    code, out, err = run(operator, "test")
    assert (code, err) == (0, "")
    assert "nothing real" not in out
    assert operator.state() == before
    code, out, err = run(operator, "test", "--apply")
    assert (code, err) == (0, "")
    assert resources(operator.state()) == []
    backup = operator.folder / "out" / "state.json"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert json.loads(backup.read_text(encoding="utf-8")) == json.loads(before)
    assert not (operator.folder / "home" / "plugins").exists()
    assert run(operator, "test", "--apply")[1].startswith("test was ejected already: see ")
    operator.pulumi("stack", "import", "--stack", "test", "--file", str(backup))
    assert resources(operator.state()) == resources(before)


def test_a_stack_that_the_backend_does_not_know_is_refused_with_the_nearest_name(operator: Operator) -> None:
    code, _, err = run(operator, "tset")
    assert (code, err) == (1, 'error: "tset" is no stack of this project: did you mean "test"?\n')
    operator.pulumi("stack", "rm", "--yes", "--force", "--preserve-config", "test")
    code, _, err = run(operator, "test")
    assert code == 1
    assert "The state of the stack test cannot be read: no stack named 'test' found" in err
    assert "Traceback" not in err


def test_a_stack_that_was_never_up_has_nothing_to_eject(operator: Operator) -> None:
    operator.pulumi("stack", "rm", "--yes", "--force", "--preserve-config", "test")
    operator.pulumi("stack", "init", "test")
    code, _, err = run(operator, "test", "--apply")
    assert code == 1
    assert "The state of the stack test has no resources: there is nothing to eject." in err
    assert not (operator.folder / "out").exists()


def test_a_state_that_somebody_works_on_stays_as_it_was(operator: Operator) -> None:
    before = operator.state()
    lock = operator.folder / "backend" / ".pulumi" / "locks" / "organization" / "ack-platform" / "test" / "one.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 7, "username": "li", "hostname": "build"}', encoding="utf-8")
    code, _, err = run(operator, "test", "--apply")
    assert code == 1
    assert (
        "The state of the stack test cannot be written: could not import deployment: the stack is currently locked"
        in err
    )
    assert "created by li@build (pid 7)" in err
    assert operator.state() == before
    lock.unlink()
    assert run(operator, "test", "--apply")[0] == 0


def test_who_lost_the_passphrase_can_leave_too(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    before = operator.state()
    (operator.folder / "wrong").write_text("wrong", encoding="utf-8")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(operator.folder / "wrong"))
    assert run(operator, "test", "--apply")[0] == 0
    assert resources(operator.state()) == []
    operator.pulumi("stack", "import", "--stack", "test", "--file", str(operator.folder / "out" / "state.json"))
    assert resources(operator.state()) == resources(before)


def test_a_state_that_changes_meanwhile_is_not_dropped(
    operator: Operator, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two looks at it, somebody else's `up` ends."""
    folder = operator.folder / "shim"
    folder.mkdir()
    other = operator.folder / "other.json"
    document = json.loads(operator.state())
    document["deployment"]["resources"].pop()
    other.write_text(json.dumps(document), encoding="utf-8")
    script = (
        f'#!/bin/sh\n{engine.path} "$@" || exit\n'
        f'case "$*" in *"stack export"*) {engine.path} stack import --stack test --file {other} > /dev/null ;; esac\n'
    )
    (folder / "pulumi").write_text(script, encoding="utf-8")
    (folder / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    code, _, err = run(operator, "test", "--apply")
    assert code == 1
    assert "changed in the meantime: somebody works on it. Nothing was dropped" in err
    assert len(resources(operator.state())) == len(document["deployment"]["resources"])


def test_ctrl_c_lets_the_write_end_so_no_lock_is_left(
    operator: Operator, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, reached = operator.folder / "shim", operator.folder / "reached"
    folder.mkdir()
    script = f'#!/bin/sh\ncase "$*" in *"stack import"*) touch {reached}; sleep 2 ;; esac\nexec {engine.path} "$@"\n'
    (folder / "pulumi").write_text(script, encoding="utf-8")
    (folder / "pulumi").chmod(0o755)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{folder}:{path}")
    command = Ackp(operator.project.root, "eject", "test", "--apply", "--out", str(operator.folder / "out"))
    wait_for(lambda: command.process.poll() is not None or reached.exists())
    command.signal(signal.SIGINT, group=True)
    code, _, err = command.end()
    assert (code, err) == (130, "Interrupted; nothing is left half done. Run it again to go on.\n")
    assert resources(operator.state()) == []
    assert not list((operator.folder / "backend").rglob("locks/**/*.json"))
    monkeypatch.setenv("PATH", path)
    assert "test was ejected already" in run(operator, "test", "--apply")[1]


def test_without_pulumi_it_says_where_to_get_it(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(operator.folder))
    code, _, err = run(operator, "test")
    assert code == 1
    assert "There is no `pulumi` on PATH: https://www.pulumi.com/docs/install/. " in err
