"""`ackp eject` with the real engine: the state is empty afterwards, and what it stood for is all there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.command import EngineCommand
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.run import Sandbox
from sandbox.state import StackState
from tests.engine.conftest import NOTICE, Ackp, wait_for
from tests.engine.stacks import Cloud, Project, operations, state


@dataclass(frozen=True)
class Up:
    """A sandbox in which a stack is up: copy it, do not change it."""

    place: Place
    project: Project


@pytest.fixture(scope="module")
def up(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Up:
    """The stack that owns ALB, NAS and add-ons, with one service."""
    folder = tmp_path_factory.mktemp("up")
    found = Up(Place(folder / "sandbox"), Project.copy(folder / "project", "test", small=True))
    Sandbox(found.project.root, "test", place=found.place, engine=engine).up()
    return found


@pytest.fixture
def own(up: Up, place: Place) -> Up:
    """A copy of it, for this test."""
    shutil.copytree(up.place.directory, place.directory)
    return Up(place, up.project)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(own: Up, tmp_path: Path) -> Run:
    """Run `ackp` on the project; the files of `eject` go to `out`."""

    def command(*arguments: str) -> tuple[int, str, str]:
        more = ("--out", str(tmp_path / "out")) if arguments[0] == "eject" else ("--stack", "test")
        return Ackp(own.project.root, *arguments, *more).end()

    return command


def test_without_apply_only_the_folder_is_written(own: Up, run: Run, tmp_path: Path) -> None:
    before = state(own.place, "test"), Cloud(own.place).entries
    code, out, err = run("eject", "test", "--sandbox")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == out.splitlines()[-1] == NOTICE
    assert f"takes {len(before[0])} resources out of it, in one write. It deletes nothing." in out
    assert (state(own.place, "test"), Cloud(own.place).entries) == before
    assert {each.name for each in (tmp_path / "out").iterdir()} == {
        "README.md",
        ".gitignore",
        "outputs.json",
        "objects",
        "helm",
    }
    assert json.loads((tmp_path / "out" / "outputs.json").read_text(encoding="utf-8"))["environment"] == "test"


def test_with_apply_the_state_is_empty_and_the_cloud_is_the_same_object_by_object(
    own: Up, run: Run, tmp_path: Path
) -> None:
    before = Cloud(own.place).objects()
    assert len(Cloud(own.place).created_by("test")) > 20
    code, out, _ = run("eject", "test", "--sandbox", "--apply")
    assert code == 0
    assert "The state of test is empty. Nothing that it stood for was touched." in out
    assert state(own.place, "test") == []
    assert Cloud(own.place).objects() == before
    assert Cloud(own.place).created_by("test") == set()
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    made = [each for each in before if each.startswith(("alicloud:nas/fileSystem::", "alicloud:alb/loadBalancer::"))]
    ids = {row.split("`")[1] for row in text.splitlines() if row.startswith("| alicloud:")}
    assert len(ids & {each.partition("::")[2] for each in made}) == 2


def test_afterwards_up_is_refused_what_exists_and_down_deletes_nothing(own: Up, run: Run) -> None:
    assert run("eject", "test", "--sandbox", "--apply")[0] == 0
    before = Cloud(own.place).objects()
    code, out, _ = run("down")
    assert code == 0
    assert "test: nothing to destroy" in out
    assert Cloud(own.place).objects() == before
    code, _, err = run("up")
    assert code == 1
    assert re.search("already exist|AlreadyExist|still in use", err), err  # whichever objects the engine comes to first
    after = Cloud(own.place).objects()
    assert {key: after.get(key) for key in before} == before
    assert run("down")[0] == 0
    after = Cloud(own.place).objects()
    assert {key: after.get(key) for key in before} == before


def test_the_backup_puts_everything_back(own: Up, run: Run, engine: Engine, tmp_path: Path) -> None:
    assert run("eject", "test", "--sandbox", "--apply")[0] == 0
    backup = (tmp_path / "out" / "state.json").read_text(encoding="utf-8")
    assert '"ciphertext"' in backup
    StackState(EngineCommand(engine, own.place).run, "test").replace(json.loads(backup))
    assert operations(Sandbox(own.project.root, "test", place=own.place, engine=engine).up()) == {}


@pytest.fixture
def slow_engine(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a `pulumi` on PATH that hangs before or after the state is written; returns the file that it then makes."""

    def hang(when: str) -> Path:
        folder, reached = tmp_path / "slow", tmp_path / "reached"
        folder.mkdir()
        wait = f"echo $$ > {reached}.partial; mv {reached}.partial {reached}; exec sleep 60"
        write = f'{engine.path} "$@" || exit'
        body = {"before": wait, "after": f"{write}\n{wait}"}[when]
        script = f'#!/bin/sh\ncase "$*" in *"stack import"*)\n{body} ;;\nesac\nexec {engine.path} "$@"\n'
        (folder / "pulumi").write_text(script, encoding="utf-8")
        (folder / "pulumi").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return reached

    return hang


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_half_way_it_has_deleted_nothing_and_the_next_one_finishes(  # noqa: PLR0917 - fixtures
    own: Up, run: Run, slow_engine: Callable[[str], Path], when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, resources = Cloud(own.place).objects(), state(own.place, "test")
    path = os.environ["PATH"]
    reached = slow_engine(when)
    command = Ackp(own.project.root, "eject", "test", "--sandbox", "--apply", "--out", str(tmp_path / "out"))
    wait_for(lambda: command.process.poll() is not None or reached.exists())
    assert command.process.poll() is None, command.end()
    os.killpg(command.process.pid, signal.SIGKILL)
    os.kill(int(reached.read_text(encoding="utf-8")), signal.SIGKILL)
    command.end()
    monkeypatch.setenv("PATH", path)
    assert state(own.place, "test") == (resources if when == "before" else [])
    assert Cloud(own.place).objects() == before
    if when == "before":  # the engine's own kill leaves its lock
        lock = own.place.state / ".pulumi" / "locks" / "organization" / "ack-platform" / "test" / "left.json"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text('{"pid": 1, "username": "test", "hostname": "test"}', encoding="utf-8")
    code, out, err = run("eject", "test", "--sandbox", "--apply")
    assert code == 0, err
    assert "was ended in the middle" in err
    assert "was ejected already" in out if when == "after" else "is empty" in out
    assert state(own.place, "test") == []
    assert Cloud(own.place).objects() == before
    backup = json.loads((tmp_path / "out" / "state.json").read_text(encoding="utf-8"))
    assert len(backup["deployment"]["resources"]) == len(resources)
    assert run("down")[0] == 0
    assert Cloud(own.place).objects() == before


def test_interrupted_it_has_done_nothing_and_the_next_one_finishes(
    own: Up, run: Run, slow_engine: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, resources, path = Cloud(own.place).objects(), state(own.place, "test"), os.environ["PATH"]
    reached = slow_engine("before")
    command = Ackp(own.project.root, "eject", "test", "--sandbox", "--apply", "--out", str(tmp_path / "out"))
    wait_for(lambda: command.process.poll() is not None or reached.exists())
    command.signal(signal.SIGINT, group=True)
    code, _, err = command.end()
    assert (code, "Traceback" in err) == (130, False)
    assert "Run it again to go on." in err.splitlines()[-1]
    assert state(own.place, "test") == resources
    monkeypatch.setenv("PATH", path)
    assert run("eject", "test", "--sandbox", "--apply")[0] == 0
    assert (state(own.place, "test"), Cloud(own.place).objects()) == ([], before)


def test_a_killed_eject_takes_nothing_away_in_any_other_command(
    own: Up, run: Run, slow_engine: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = os.environ["PATH"], Cloud(own.place).objects()
    reached = slow_engine("after")
    command = Ackp(own.project.root, "eject", "test", "--sandbox", "--apply", "--out", str(tmp_path / "out"))
    wait_for(lambda: command.process.poll() is not None or reached.exists())
    os.killpg(command.process.pid, signal.SIGKILL)
    os.kill(int(reached.read_text(encoding="utf-8")), signal.SIGKILL)
    command.end()
    monkeypatch.setenv("PATH", path)
    assert run("down")[0] == 0
    assert Cloud(own.place).objects() == before


def test_a_stack_that_is_not_there_is_refused_with_what_to_do(own: Up, run: Run, tmp_path: Path) -> None:
    code, _, err = run("eject", "tset", "--sandbox")
    assert (code, err) == (1, 'error: "tset" is no stack of this project: did you mean "test"?\n')
    shutil.rmtree(own.place.directory)
    code, _, err = run("eject", "test", "--sandbox")
    assert code == 1
    assert "The stack test has no state in the sandbox: there is nothing to eject." in err
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_refused_before_anything_is_done(own: Up, run: Run, tmp_path: Path) -> None:
    before = state(own.place, "test")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes").write_text("mine", encoding="utf-8")
    code, _, err = run("eject", "test", "--sandbox", "--apply")
    assert code == 1
    assert "is not empty, and not the stack test ejected" in err
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["notes"]
    assert state(own.place, "test") == before
