"""`ackp promote` as a person runs it, with a real registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.promote
from cli.app import app
from config import load_stack
from tests.docs.documents import Page
from tests.registry.conftest import Pushed, pushed
from tests.registry.registries import PASSWORD, USER, docker_config
from tests.rollout.repositories import write_study
from tests.settings import ROOT

__all__ = ["pushed"]

PAGE = Page(ROOT / "docs" / "how-to" / "promote-an-image.md")
DIGEST = f"sha256:{'a' * 64}"
TAG = "uat-1.9.3-a1b2c3d4-20261110T090000"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped stacks in a folder of their own."""
    for stack in ("test", "uat"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", tmp_path)
    monkeypatch.setattr(cli.promote, "ROOT", tmp_path)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def run(*arguments: str, service: str = "study") -> Result:
    return CliRunner().invoke(app, ["promote", service, *arguments])


def test_the_image_that_was_pushed_goes_into_the_file_and_the_page_shows_the_diff(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    done = run("--from", "test", "--to", "uat", "--registry", pushed.registry.address)
    assert done.exit_code == 0, done.output
    image = load_stack("uat", folder, secrets="generated").services["study"].image
    assert (image.tag, image.digest) == (TAG, pushed.digests[TAG])
    shown = next(block.text for block in PAGE.blocks if "--- Pulumi.uat.yaml" in block.text)
    assert done.output == shown.replace(DIGEST, pushed.digests[TAG])
    before = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8").splitlines()
    after = (folder / "Pulumi.uat.yaml").read_text(encoding="utf-8").splitlines()
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [after[-1]]
    again = run("--from", "test", "--to", "uat", "--registry", pushed.registry.address)
    assert again.output == "study has this image in Pulumi.uat.yaml already\n"
    for word in (USER, PASSWORD):
        assert word not in done.output + again.output


def test_a_dry_run_and_json_say_the_same_and_the_first_writes_nothing(folder: Path) -> None:
    before = (folder / "Pulumi.uat.yaml").read_bytes()
    dry = run("--from", "test", "--to", "uat", "--digest", DIGEST, "--dry-run")
    assert dry.output.endswith("Pulumi.uat.yaml: not written\n")
    assert (folder / "Pulumi.uat.yaml").read_bytes() == before
    said = json.loads(run("--from", "test", "--to", "uat", "--digest", DIGEST, "--json").output)
    assert (said["image"], said["written"]) == ({"tag": None, "digest": DIGEST}, True)
    assert said["diff"].splitlines()[-1].strip() in dry.output
    assert (folder / "Pulumi.uat.yaml").read_bytes() != before


def test_the_build_that_is_missing_is_named_as_on_the_page_and_nothing_is_written(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    source = folder / "Pulumi.test.yaml"
    source.write_text(source.read_text(encoding="utf-8").replace("a1b2c3d4", "0a1b2c3d"), encoding="utf-8")
    before = (folder / "Pulumi.uat.yaml").read_bytes()
    refused = run("--from", "test", "--to", "uat", "--registry", pushed.registry.address)
    assert refused.exit_code == 1
    assert refused.stderr == next(block.text for block in PAGE.blocks if block.text.startswith("error:"))
    assert (folder / "Pulumi.uat.yaml").read_bytes() == before


def test_an_image_for_which_the_target_is_refused_gives_way_and_one_of_the_source_does_not(folder: Path) -> None:
    write_study(folder, "{ tag: test-1.9.3-a1b2c3d4-20261101T080000 }")
    done = run("--from", "test", "--to", "uat", "--digest", DIGEST)
    assert done.exit_code == 0, done.output
    image = load_stack("uat", folder, secrets="generated").services["study"].image
    assert (image.tag, image.digest) == (None, DIGEST)
    write_study(folder, "{ tag: uat-1.9.3-a1b2c3d4-20261109T100000 }", "test")
    refused = run("--from", "test", "--to", "uat", "--digest", DIGEST)
    assert (refused.exit_code, "services.study.image.tag" in refused.stderr) == (1, True)


def test_bad_input_is_one_line_and_nothing_is_written(folder: Path) -> None:
    before = (folder / "Pulumi.uat.yaml").read_bytes()
    unknown = run("--from", "test", "--to", "uat", service="studi")
    assert (unknown.exit_code, 'did you mean "study"?' in unknown.stderr) == (1, True)
    assert 'did you mean "test"?' in run("--from", "tets", "--to", "uat").stderr
    assert run("--from", "uat", "--to", "uat").exit_code == 2
    assert run("--from", "test", "--to", "uat", "--digest", "sha256:1").exit_code == 2
    closed = run("--from", "test", "--to", "uat", "--registry", "127.0.0.1:1")
    assert (closed.exit_code, closed.stderr.count("\n")) == (1, 1)
    assert "cannot be reached" in closed.stderr
    assert (folder / "Pulumi.uat.yaml").read_bytes() == before


def test_a_file_that_changes_meanwhile_is_not_written_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "Pulumi.uat.yaml"
    wanted = cli.promote._wanted

    def slow(*arguments: object) -> object:
        path.write_text(path.read_text(encoding="utf-8") + "# somebody\n", encoding="utf-8")
        return wanted(*arguments)  # type: ignore[arg-type] # its own arguments

    monkeypatch.setattr(cli.promote, "_wanted", slow)
    refused = run("--from", "test", "--to", "uat", "--digest", DIGEST)
    assert refused.exit_code == 1
    assert "was changed meanwhile; nothing was written" in refused.stderr
    assert path.read_text(encoding="utf-8").endswith("# somebody\n")
    assert DIGEST not in path.read_text(encoding="utf-8")
