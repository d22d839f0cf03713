"""`ackp policy`: the page's example, the exit codes, waivers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from cli import policy
from cli.app import app
from policies.table import PAGE, written
from tests.settings import ROOT


def run(*arguments: str) -> Any:
    """Run the command."""
    return CliRunner().invoke(app, ["policy", *arguments])


@pytest.fixture
def waived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose stack uat waives the digest of one service, and that of one that has it."""
    until = (date.today() + timedelta(days=14)).isoformat()  # noqa: DTZ011 -- the calendar that `load` reads
    stack = yaml.safe_load((ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8"))
    stack["config"]["ack-platform:waivers"] = [
        {"rule": "image-digest", "service": service, "reason": "moves to the new registry", "until": until}
        for service in ("log-retention", "gateway")
    ]
    (tmp_path / "Pulumi.uat.yaml").write_text(yaml.safe_dump(stack), encoding="utf-8")
    monkeypatch.setattr(policy, "ROOT", tmp_path)
    return tmp_path


def test_the_page_shows_what_the_command_says_and_every_rule() -> None:
    result = run("uat")
    assert result.exit_code == 0
    page = PAGE.read_text(encoding="utf-8")
    assert f"```text\n{result.stdout.rstrip()}\n```" in page
    assert written(page) == page


@pytest.mark.usefixtures("waived")
def test_a_waiver_is_shown_and_one_that_covers_nothing_is_refused() -> None:
    result = run("uat")
    assert result.exit_code == 3
    assert "waived until" in result.stdout
    assert "waivers: image-digest for gateway covers nothing: take it out" in result.stdout
    said = json.loads(run("uat", "--json").stdout)
    assert said["refused"]
    assert [each["service"] for each in said["waived"]] == ["log-retention"]
    assert said["unusedWaivers"] == [{"rule": "image-digest", "service": "gateway"}]


def test_the_alb_and_the_nas_that_a_stack_owns_are_judged_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = yaml.safe_load((ROOT / "Pulumi.test.yaml").read_text(encoding="utf-8"))
    config = stack["config"]
    del config["ack-platform:alb"]["accessLog"]
    config["ack-platform:nas"]["fileSystem"]["encryption"] = "none"
    (tmp_path / "Pulumi.test.yaml").write_text(yaml.safe_dump(stack), encoding="utf-8")
    monkeypatch.setattr(policy, "ROOT", tmp_path)
    said = {each["rule"]: each["object"] for each in json.loads(run("test", "--json").stdout)["open"]}
    assert (said["alb-access-log"], said["nas-encrypted"]) == ("LoadBalancer", "FileSystem")
