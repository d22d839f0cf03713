"""`make test-plugins` where the plug-ins are not installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.engine import find_engine
from sandbox.progress import Lines
from tests.plugins.tools import find_tools
from tests.settings import ROOT


def run_without_plugins(home: Path, path: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PULUMI_HOME": str(home), "PATH": path}
    command = [sys.executable, "-m", "tests.plugins", "--collect-only"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False, timeout=60)


def test_without_pulumi_the_command_ends_at_once_and_says_what_is_missing_and_how_to_get_it(tmp_path: Path) -> None:
    begin = time.monotonic()
    done = run_without_plugins(tmp_path, str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    first, *lines = done.stderr.splitlines()
    assert first.startswith("make test-plugins")
    assert lines[0] == "  - pulumi 3.256.0 or newer on PATH: https://www.pulumi.com/docs/install/"
    assert lines[-2].startswith("  - the plug-in kubernetes 4.")
    assert lines[-1].startswith("  - the plug-in alicloud 4.")
    assert "pulumi plugin install resource alicloud" in lines[-1]
    assert time.monotonic() - begin < 30


def test_what_is_there_is_not_called_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = find_engine(Lines())
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pulumi").symlink_to(engine.path)
    for name in ("pulumi-language-python", "pulumi-resource-kubernetes"):
        (folder / name).touch(mode=0o755)
    done = run_without_plugins(tmp_path, str(folder))
    assert done.returncode == 1
    (line,) = [each for each in done.stderr.splitlines()[1:] if "uv: " not in each]
    assert line.startswith("  - the plug-in alicloud 4.")
    (folder / "uv").touch(mode=0o755)
    installed = tmp_path / "plugins" / line.split("resource ")[1].replace(" ", "-v")
    installed.parent.mkdir()
    installed.with_name(f"resource-{installed.name}").mkdir()
    (installed.with_name(f"resource-{installed.name}") / "pulumi-resource-alicloud").touch(mode=0o755)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(folder))
    assert find_tools().home == tmp_path
