"""What the figures of the cluster tier are made of. How large they are is for `make bench` to say."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from benchmarks.cluster_tier import TIER
from benchmarks.measure import Command, UnexpectedEndError, in_turn, once
from benchmarks.memory import memory_below
from tests.settings import ROOT

CHILD = "import time; held = b'x' * (150 << 20); time.sleep(3)"
PARENT = (
    "import subprocess, sys; held = b'x' * (150 << 20); "
    f"subprocess.run([sys.executable, '-c', {CHILD!r}], check=True, start_new_session=True)"
)


def command(tmp_path: Path, *arguments: str) -> Command:
    return Command(arguments=arguments, directory=tmp_path, environment=os.environ, output=tmp_path / "output.txt")


def test_the_memory_of_all_below_a_process_is_added_up_and_of_no_other() -> None:
    listed = ["1 0 1024", "20 1 2048", "21 20 4096", "22 21 8192", "30 1 65536"]
    assert memory_below(20, listed) == 2 + 4 + 8


def test_what_a_process_starts_is_in_its_memory_in_whatever_session(tmp_path: Path) -> None:
    assert once(command(tmp_path, sys.executable, "-c", PARENT)).peak_mib > 300


def test_the_tier_is_measured_as_make_test_runs_it() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^test:\n(?:\t.*\n)*?\t@scripts/venv pytest (.*)$", text, re.MULTILINE)
    assert found
    options = found[1].replace("-n auto", "-n 2").removesuffix(" --ignore=tests/node")
    assert " ".join(TIER) == f"pytest tests/cluster -q {options}"


def test_a_failed_test_run_is_told_by_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedEndError, match="1 failed in 2 s"):
        in_turn(0, tests=command(tmp_path, "sh", "-c", "echo long; echo 1 failed in 2 s; exit 1"))
