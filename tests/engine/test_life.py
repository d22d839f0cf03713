"""A stack's life, in a clone of the repository and through `ackp`: only what was asked for changes."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from sandbox.engine import Engine
from sandbox.place import VARIABLE, Place
from tests.engine.conftest import NOTICE, Ackp
from tests.engine.stacks import Cloud
from tests.settings import ROOT

ADDED = yaml.safe_load(Path(__file__).with_name("added_service.yaml").read_text(encoding="utf-8"))
TAG = "test-1.9.3-a1b2c3d4-20261101T080000"
_CHANGE = re.compile(r"^[\s│├└─]*([+~±-]) (.+)$")


@dataclass(frozen=True)
class Step:
    """One command: its exit code, its output, and the cloud after it."""

    code: int
    out: str
    err: str
    cloud: Cloud

    @property
    def changes(self) -> dict[str, str]:
        """What the tree of changes says: mark by resource, without the properties."""
        matches = [_CHANGE.match(line) for line in self.out.partition("\noutputs\n")[0].splitlines()]
        return {match[2].partition("  ")[0]: match[1] for match in matches if match}


@dataclass(frozen=True)
class Life:
    """What happened, step by step, and the clone in which it did."""

    steps: dict[str, Step]
    clone: Path


@pytest.fixture(scope="module")
def life(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Up, again, another image tag, another service, without it, the other stack, down, up."""
    del engine  # has to be there before the first command
    folder = tmp_path_factory.mktemp("life")
    clone, place, steps = folder / "clone", Place(folder / "sandbox"), dict[str, Step]()
    files = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    git(clone, "init", "-q")
    commit(clone)
    stack, catalogue = clone / "Pulumi.test.yaml", clone / "config" / "services.yaml"

    def step(name: str, *arguments: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, str(place.directory))
            code, out, err = Ackp(clone, *arguments, code=clone).end()
        assert git(clone, "status", "--porcelain") == "", f"{arguments} touched the working tree"
        steps[name] = Step(code, out, err, Cloud(place))

    before = stack.read_text(encoding="utf-8"), catalogue.read_text(encoding="utf-8")
    step("preview", "preview", "--stack", "test")
    step("up", "up", "--stack", "test")
    step("again", "up", "--stack", "test")
    assert TAG in before[0]
    stack.write_text(before[0].replace(TAG, "test-1.9.4-b2c3d4e5-20261112T080000"), encoding="utf-8")
    commit(clone)
    step("tag", "up", "--stack", "test")
    stack.write_text(f"{stack.read_text(encoding='utf-8')}{ADDED['stack']}", encoding="utf-8")
    catalogue.write_text(f"{before[1]}\n{ADDED['catalogue']}", encoding="utf-8")
    commit(clone)
    step("added", "up", "--stack", "test")
    stack.write_text(before[0].replace(TAG, "test-1.9.4-b2c3d4e5-20261112T080000"), encoding="utf-8")
    catalogue.write_text(before[1], encoding="utf-8")
    commit(clone)
    step("removed", "up", "--stack", "test")
    step("other", "up", "--stack", "uat")
    step("outputs", "outputs", "--stack", "test")
    step("render", "render", "--stack", "uat", "--out", str(folder / "rendered"))
    step("doctor", "doctor")
    step("down", "down", "--stack", "test")
    step("back", "up", "--stack", "test")
    return Life(steps, clone)


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def commit(clone: Path) -> None:
    git(clone, "add", "--all")
    git(clone, "commit", "-q", "-m", "a state of the settings")


def test_every_command_succeeds_without_a_stack_trace_and_leaves_the_working_tree_as_it_was(life: Life) -> None:
    for name, step in life.steps.items():
        assert (name, step.code, step.err) == (name, 0, step.err)
        assert "Traceback" not in step.out + step.err
    written = git(life.clone, "status", "--porcelain", "--ignored").splitlines()
    assert [line for line in written if not line.endswith("__pycache__/")] == []


def test_a_preview_creates_nothing_and_names_what_up_creates(life: Life) -> None:
    assert life.steps["preview"].cloud.created_by("test") == set()
    assert life.steps["preview"].changes == life.steps["up"].changes
    assert set(life.steps["up"].changes.values()) == {"+"}


def test_a_second_up_changes_nothing(life: Life) -> None:
    again = life.steps["again"]
    assert again.changes == {}
    assert "test: nothing changed" in again.out
    assert again.cloud.objects() == life.steps["up"].cloud.objects()


def test_a_new_image_tag_changes_exactly_that_deployment(life: Life) -> None:
    tag, before = life.steps["tag"], life.steps["again"].cloud.objects()
    assert tag.changes == {"Deployment study-deployment": "~"}
    after = tag.cloud.objects()
    assert [key for key in after if after[key] != before.get(key)] == ["kubernetes:apps/Deployment::test/study"]
    assert set(after) == set(before)


def test_a_service_added_in_ten_lines_creates_only_its_own_resources(life: Life) -> None:
    lines = [*ADDED["catalogue"].splitlines(), *ADDED["stack"].splitlines()]
    assert len(lines) <= 10
    added = life.steps["added"]
    assert set(added.changes.values()) == {"+"}
    assert len(added.changes) >= 4
    assert all("billing" in name for name in added.changes)
    before, after = life.steps["tag"].cloud.objects(), added.cloud.objects()
    assert {key: each for key, each in after.items() if key in before} == before
    assert all("billing" in key for key in set(after) - set(before))


def test_a_service_removed_deletes_only_its_own_resources(life: Life) -> None:
    removed = life.steps["removed"]
    assert removed.changes == dict.fromkeys(life.steps["added"].changes, "-")
    assert removed.cloud.objects() == life.steps["tag"].cloud.objects()


def test_the_other_stack_comes_up_beside_it_and_changes_nothing_of_it(life: Life) -> None:
    before, after = life.steps["removed"].cloud, life.steps["other"].cloud
    for key in before.created_by("test"):
        assert after.entries[key].object == before.entries[key].object, key
    assert len(after.created_by("uat")) > 50


def test_down_takes_everything_of_the_stack_and_nothing_else_and_up_brings_it_back(life: Life) -> None:
    down, other = life.steps["down"], life.steps["other"]
    assert down.cloud.created_by("test") == set()
    assert down.cloud.created_by("uat") == other.cloud.created_by("uat")
    assert life.steps["back"].changes == life.steps["up"].changes


def test_sandbox_commands_say_first_and_last_that_nothing_real_was_created(life: Life) -> None:
    for name in ("preview", "up", "again", "tag", "added", "removed", "other", "down", "back"):
        lines = life.steps[name].out.splitlines()
        assert lines[0] == lines[-1] == NOTICE


def test_outputs_are_json_and_nothing_else(life: Life) -> None:
    assert json.loads(life.steps["outputs"].out)["environment"] == "test"
