"""The command line itself: what it imports, what its help and its exit codes say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import COMMANDS, app
from cli.options import ROOT, complete_stack

HEAVY = {"pulumi", "grpc", "pydantic", "yaml", "rich", "config", "sandbox"}


def test_help_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys, json; sys.argv = ['ackp', '--help']\n"
        "from cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stderr)) & HEAVY == set()


def test_help_names_every_command_and_every_exit_code() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in COMMANDS:
        assert f"\n  {name} " in shown
    for code in ("0 done", "1 refused", "2 wrong usage", "130"):
        assert code in " ".join(shown.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text_of_its_own(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 5


def test_a_wrong_option_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["up", "--nonsense"]).exit_code == 2


def test_the_stack_is_taken_from_the_environment_if_no_option_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "canary")
    shown = CliRunner().invoke(app, ["outputs"])
    assert shown.exit_code == 1
    assert "canary" in shown.stderr


def test_stack_names_are_completed() -> None:
    assert complete_stack("") == ["test", "uat"]
    assert complete_stack("u") == ["uat"]


def test_doctor_says_what_is_there_and_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKP_SANDBOX", str(tmp_path / "sandbox"))
    well = CliRunner().invoke(app, ["doctor"])
    assert well.exit_code == 0, well.output
    assert "ok       Python" in well.output
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACKP_SANDBOX", str(tmp_path / "file" / "sandbox"))
    ill = CliRunner().invoke(app, ["doctor"])
    assert ill.exit_code == 1
    assert "cannot be written" in ill.output
    assert "set ACKP_SANDBOX to another folder" in ill.output


def test_doctor_says_what_to_do_where_nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PATH", tmp_path), ("XDG_CACHE_HOME", tmp_path / "cache"), ("HOME", tmp_path)):
        monkeypatch.setenv(name, str(value))
    shown = CliRunner().invoke(app, ["doctor"])
    assert shown.exit_code == 0
    for item in ("uv", "Pulumi engine", "Go", "kubernetes plug-in", "alicloud plug-in"):
        assert f"missing  {item}" in shown.output
    assert "the first `make up` downloads" in shown.output
    assert "https://go.dev/doc/install" in shown.output
