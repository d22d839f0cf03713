"""`ackp images`: what a stack's file says, beside another stack, and what a real registry has of it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.images
from cli.app import app
from tests.docs.documents import Page
from tests.registry.conftest import Pushed, pushed
from tests.registry.registries import PASSWORD, docker_config
from tests.rollout.repositories import write_study
from tests.settings import ROOT

__all__ = ["pushed"]

PAGE = Page(ROOT / "docs" / "how-to" / "roll-out-an-image.md")
STUDY = "uat-1.9.3-a1b2c3d4-20261109T100000"
NEWEST = "uat-1.9.4-a1b2c3d4-20261112T090000"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped stacks in a folder of their own, on a day."""
    for stack in ("test", "uat"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", tmp_path)
    monkeypatch.setattr(cli.images, "ROOT", tmp_path)
    monkeypatch.setattr(cli.images, "_now", lambda: datetime(2026, 11, 12, 12, tzinfo=UTC))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["images", *arguments])


def study(result: Result) -> list[str]:
    """The line of `study`."""
    assert result.exit_code == 0, result.output
    return next(line for line in result.output.splitlines() if line.startswith("study ")).split()


def test_g12_the_page_shows_what_the_command_says_of_the_shipped_stacks(folder: Path) -> None:
    write_study(folder, "{ tag: test-1.9.4-0a1b2c3d-20261112T080000 }", "test")
    shown = "".join(f"{line.rstrip()}\n" for line in run("uat", "--compare", "test").output.splitlines())
    assert shown == next(block.text for block in PAGE.blocks if block.text.startswith("uat: 7 services"))


@pytest.mark.usefixtures("folder")
def test_json_says_what_the_tag_means_and_no_age_that_changes() -> None:
    first, again = run("uat", "--compare", "test", "--json").output, run("uat", "--compare", "test", "--json").output
    said = next(each for each in json.loads(first)["images"] if each["service"] == "study")
    assert said == {
        "service": "study",
        "repository": "registry-vpc.cn-hangzhou.aliyuncs.com/example/study",
        "tag": STUDY,
        "digest": None,
        "moves": False,
        "profile": "uat",
        "version": "1.9.3",
        "commit": "a1b2c3d4",
        "built": "2026-11-09T10:00:00+00:00",
        "same": True,
        "note": "",
    }
    assert first == again
    assert "same" not in json.loads(run("uat", "--json").output)["images"][0]


@pytest.mark.parametrize(
    ("test", "uat", "said"),
    [
        (f"{{ tag: {STUDY.replace('uat', 'test')} }}", f"{{ tag: {STUDY} }}", "yes"),
        (
            "{ tag: test-1.9.3-ffffffff-20261109T100000 }",
            f"{{ tag: {STUDY} }}",
            "no: another commit of 1.9.3: a1b2c3d4 and ffffffff",
        ),
        ("{ tag: latest, rollout: one }", "{ tag: latest, rollout: one }", "no: a moving tag: nobody can say"),
        ("{ tag: '2.0' }", "{ tag: '2.0' }", "yes"),
    ],
)
def test_whether_the_image_is_the_same_in_another_stack_is_said(folder: Path, test: str, uat: str, said: str) -> None:
    write_study(folder, test, "test")
    write_study(folder, uat)
    assert f" not pinned {said}" in " ".join(study(run("uat", "--compare", "test")))


def test_a_service_that_another_stack_does_not_run_is_said(folder: Path) -> None:
    path = folder / "Pulumi.test.yaml"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("    study:")]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert " ".join(study(run("uat", "--compare", "test"))).endswith("no: not in test")


def test_the_stacks_own_address_of_the_registry_is_asked_unless_another_is_said(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    file = folder / "Pulumi.uat.yaml"
    text = file.read_text(encoding="utf-8")
    setting = f"  ack-platform:registry:\n    address: {pushed.registry.address}\n"
    file.write_text(text.replace("  ack-platform:registry:\n", setting), encoding="utf-8")
    asked = run("uat", "--from-registry", "--json")
    said = next(each for each in json.loads(asked.output)["images"] if each["service"] == "study")
    assert said["registry"]["newest"] == NEWEST
    assert run("uat", "--registry", "127.0.0.1:1").exit_code == 1


def test_the_registry_is_asked_whether_it_has_the_image_and_what_is_newer(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    address = ("--registry", pushed.registry.address)
    assert " ".join(study(run("uat", *address))).endswith(f"not pinned newer: {NEWEST}")
    write_study(folder, "{ tag: uat-1.9.3-0a1b2c3d-20261109T100000 }")
    gone = run("uat", *address)
    assert " ".join(study(gone)).endswith(f"gone from the registry: a new node cannot pull it; newer: {NEWEST}")
    write_study(folder, f"{{ tag: {NEWEST}, digest: '{pushed.digests[NEWEST]}' }}")
    assert " ".join(study(run("uat", *address))).endswith("… the newest build")
    write_study(folder, f"{{ tag: {NEWEST}, digest: '{pushed.digests['2.0.0']}' }}")
    assert " ".join(study(run("uat", *address))).endswith("the tag names another image now; the newest build")
    write_study(folder, f"{{ tag: {NEWEST}, digest: 'sha256:{'0' * 64}' }}")
    assert "gone from the registry" in " ".join(study(run("uat", *address)))
    write_study(folder, f"{{ digest: '{pushed.digests['2.0.0']}' }}")
    said = json.loads(run("uat", *address, "--json").output)["images"][-1]
    assert said["registry"] == {"present": True, "tagDigest": None, "newest": NEWEST}
    assert PASSWORD not in gone.output


@pytest.mark.usefixtures("folder")
def test_bad_input_is_one_line() -> None:
    assert run("uat", "--compare", "uat").exit_code == 2
    assert 'did you mean "uat"?' in run("uatt").stderr
    closed = run("uat", "--registry", "127.0.0.1:1")
    assert (closed.exit_code, closed.stderr.count("\n"), closed.stdout) == (1, 1, "")
    assert "127.0.0.1:1 cannot be reached" in closed.stderr
    unreached = run("uat", "--from-registry")
    assert (unreached.exit_code, unreached.stderr.count("\n")) == (1, 1)
