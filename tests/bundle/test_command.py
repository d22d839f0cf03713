"""`ackp bundle`: its exit codes, and what it says."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bundle.manifest import Target
from bundle.plugins import file_name
from cli.app import app
from sandbox.engine import VERSION
from tests.bundle.conftest import HERE, Connected, packed


def ackp(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["bundle", *arguments])


@pytest.fixture
def out(connected: Connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the bundle of the small project goes."""
    monkeypatch.setattr(importlib.import_module("cli.bundle"), "ROOT", connected.root)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "bundle.tar"


def test_with_everything_in_it_the_exit_code_is_0_and_the_next_command_is_said(connected: Connected, out: Path) -> None:
    connected.files[f"/plugins/{file_name('alicloud', '4.0.0', HERE)}"] = packed({"pulumi-resource-alicloud": b""})
    done = ackp("--out", str(out))
    assert (done.exit_code, out.exists()) == (0, True), done.stderr
    assert done.output.splitlines()[-1].endswith("scripts/venv --bundle bundle.tar")
    assert "missing" not in done.stdout


def test_with_something_missing_the_file_is_there_and_the_exit_code_is_1(out: Path) -> None:
    done = ackp("--out", str(out))
    assert (done.exit_code, out.exists()) == (1, True)
    assert "missing: plugin alicloud 4.0.0: 127.0.0.1:" in done.stdout


def test_for_another_platform_its_own_plug_in_is_asked_for_and_this_machines_engine_is_no_substitute(
    connected: Connected, out: Path
) -> None:
    other = Target("darwin" if HERE.system == "linux" else "linux", "aarch64", "3.13")
    connected.files[f"/plugins/{file_name('kubernetes', '4.34.2', other)}"] = packed({})
    done = ackp("--out", str(out), "--platform", other.platform, "--python", "3.13")
    assert done.exit_code == 1
    missing = [line.split(":")[1] for line in done.stdout.splitlines() if line.startswith("missing: ")]
    assert missing == [f" engine pulumi {VERSION}", " plugin alicloud 4.0.0"]
    assert f"for {other}" in done.stdout


def test_without_a_wheel_there_is_no_file_and_what_stood_there_stays(connected: Connected, out: Path) -> None:
    out.write_text("an older one")
    del connected.files["/packages/tinydep-1.0-py3-none-any.whl"]
    done = ackp("--out", str(out))
    assert done.exit_code == 1
    assert "No bundle was made: 127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr
    assert (out.read_text(), list(out.parent.iterdir())) == ("an older one", [out])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--platform", "windows-x86_64"), "linux-aarch64"),
        (("--python", "3.10"), "3.11 or newer"),
        (("--python", "3.12.1"), "two numbers"),
        (("--out", "/nowhere/at/all.tar"), "is no folder"),
    ],
)
def test_wrong_usage_says_what_is_possible(out: Path, arguments: tuple[str, ...], word: str) -> None:
    done = ackp(*arguments)
    assert done.exit_code == 2
    assert word in " ".join(done.stderr.replace("│", " ").split())
    assert not out.exists()


def test_a_file_that_cannot_be_written_is_named(out: Path) -> None:
    out.mkdir()
    done = ackp("--out", str(out))
    assert done.exit_code == 1
    assert f"No bundle was made: {out.parent}" in done.stderr
    assert "Is a directory" in done.stderr
