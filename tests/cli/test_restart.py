"""`ackp restart` as a person runs it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.restart
from cli.app import app
from config import load_stack
from tests.docs.documents import Page
from tests.rollout.repositories import write_study
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "roll-back-or-restart.md")
WHEN = "2026-11-26T04:00:00Z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped stacks in a folder of their own, at a moment."""
    for stack in ("test", "uat"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", tmp_path)
    monkeypatch.setattr(cli.restart, "ROOT", tmp_path)
    monkeypatch.setattr(cli.restart, "_now", lambda: datetime(2026, 11, 26, 4, tzinfo=UTC))
    return tmp_path


def run(*arguments: str, service: str = "study") -> Result:
    return CliRunner().invoke(app, ["restart", service, "--stack", "uat", *arguments])


def restarted(folder: Path) -> dict[str, str | None]:
    services = load_stack("uat", folder, secrets="generated").services
    return {name: service.restarted_at for name, service in services.items() if service.restarted_at}


def test_g12_a_restart_is_asked_for_in_the_file_and_the_page_shows_the_diff(folder: Path) -> None:
    done = run()
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == next(block.text for block in PAGE.blocks if "restartedAt" in block.text)
    assert restarted(folder) == {"study": WHEN}
    assert run().output == "study has this restart in Pulumi.uat.yaml already\n"


def test_json_says_the_time_and_a_dry_run_writes_nothing(folder: Path) -> None:
    assert run("--dry-run").output.endswith("Pulumi.uat.yaml: not written\n")
    assert restarted(folder) == {}
    said = json.loads(run("--json").output)
    assert (said["service"], said["restartedAt"], said["written"]) == ("study", WHEN, True)
    assert restarted(folder) == {"study": WHEN}


def test_the_restart_of_a_moving_tag_brings_another_image_and_that_is_said(folder: Path) -> None:
    write_study(folder, "{ tag: uat-latest, rollout: one }")
    assert run().stderr == "note: the restart brings whatever uat-latest names by then\n"


def test_an_unknown_service_is_named_with_the_nearest_one(folder: Path) -> None:
    refused = run(service="studi")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert 'did you mean "study"?' in refused.stderr
    assert restarted(folder) == {}
