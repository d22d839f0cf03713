"""The commands that `ackp next` prints for the owner of files on the NAS, run as a pod's shell runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from components.manifests.security import UID
from improvements.security import count_command, owner_command

_TOOLS = ("sh", "find", "xargs", "chown", "wc", "sleep")


@pytest.fixture(params=["system", "busybox"])
def tools(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A PATH with the tools of the machine, or of BusyBox."""
    if request.param == "system":
        return os.environ["PATH"]
    busybox = shutil.which("busybox")
    assert busybox, "busybox-static is missing"
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in _TOOLS:
        (folder / name).symlink_to(busybox)
    return str(folder)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A service's directory as root left it, with names that a shell could stumble over, and a link out of it."""
    folder = tmp_path / "product" / "uat" / "file"
    (folder / "logs").mkdir(parents=True)
    for name in ("application.yml", "logs/a b.log", "logs/-n", "logs/$(touch x)", "logs/\"quoted'", "logs/two\nlines"):
        (folder / name).write_text("", encoding="utf-8")
    (tmp_path / "outside").write_text("", encoding="utf-8")
    (folder / "logs" / "link").symlink_to(tmp_path / "outside")
    os.chown(folder / "application.yml", UID, UID)
    return folder


def run(tools: str, command: str) -> str:
    shell = shutil.which("sh", path=tools)
    assert shell
    done = subprocess.run([shell, "-c", command], capture_output=True, text=True, check=True, env={"PATH": tools})
    assert done.stderr == ""
    return done.stdout.strip()


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in [folder, *folder.rglob("*")]}


def test_the_count_counts_and_changes_nothing(tools: str, data: Path) -> None:
    assert int(run(tools, count_command(str(data)))) >= 7
    assert owners(data) == {0, UID}


def test_everything_below_becomes_the_users_and_nothing_outside(tools: str, data: Path, tmp_path: Path) -> None:
    run(tools, owner_command(str(data)))
    assert owners(data) == {UID}
    assert {path.lstat().st_gid for path in data.rglob("*")} == {UID}
    assert (tmp_path / "outside").stat().st_uid == 0
    assert run(tools, count_command(str(data))) == "0"


def test_it_goes_no_faster_than_it_says_and_touches_nothing_twice(tools: str, data: Path) -> None:
    started = time.monotonic()
    run(tools, owner_command(str(data), files_a_second=3))
    assert time.monotonic() - started >= 3  # nine entries, three a second
    changed = (data / "logs").lstat().st_ctime_ns
    run(tools, owner_command(str(data)))
    assert (data / "logs").lstat().st_ctime_ns == changed
