"""The apt step and the commands that run in sight: what goes wrong is said in one place, with its reason."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.engine import WayFailedError
from tests import debian_packages
from tests.long_command import run_in_sight
from tests.settings import ROOT


class Said:
    """Progress that is remembered."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lives: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def live(self, text: str) -> None:
        self.lives.append(text)


def test_without_root_the_apt_step_says_so_and_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(WayFailedError, match="needs root, this is the user 1000; run `make test` as root on Debian"):
        debian_packages.install_packages(Said())


def test_without_linux_the_apt_step_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(WayFailedError, match="needs Linux, this is darwin"):
        debian_packages.install_packages(Said())


def test_without_apt_the_apt_step_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(debian_packages, "unfit", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WayFailedError, match="no apt on this machine"):
        debian_packages.install_packages(Said())


def test_a_program_that_another_package_brought_is_not_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in {"dpkg-query": "#!/bin/sh\n", "runc": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "runc" not in debian_packages.missing()
    (tmp_path / "runc").unlink()
    assert "runc" in debian_packages.missing()


def test_where_packages_cannot_be_installed_their_tests_are_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    for folder in ("image", "config"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"test_{folder}.py").write_text("def test_it():\n    pass\n")
    (tmp_path / "sitecustomize.py").write_text("import os\nos.geteuid = lambda: 1000\n")  # in each worker too
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=variables)
    reason = "needs root, this is the user 1000" if sys.platform == "linux" else "needs Linux"
    [named] = [line for line in done.stdout.splitlines() if reason in line]
    assert "tests/image" in named
    assert "1 passed" in done.stdout, done.stdout


def test_a_command_in_sight_tells_its_last_line_and_how_long_it_has_taken() -> None:
    said = Said()
    run_in_sight("Sleeper", ["sh", "-c", "echo half way; sleep 1"], said)
    assert any("s, half way" in text for text in said.lives)


def test_a_command_that_fails_is_named_with_its_last_words() -> None:
    with pytest.raises(WayFailedError, match=r"Failing: exit code 3\n  the reason"):
        run_in_sight("Failing", ["sh", "-c", "echo the reason >&2; exit 3"], Said())


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "later"
    with pytest.raises(WayFailedError, match="not ready after 1 s"):
        run_in_sight("Slow", ["sh", "-c", f"(sleep 3; touch {mark}) & wait"], Said(), limit=1)
    time.sleep(3)
    assert not mark.exists()


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(WayFailedError, match="Gone: no `no-such-program` on PATH"):
        run_in_sight("Gone", ["no-such-program"], Said())
