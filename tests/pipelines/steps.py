"""A step of a pipeline, run as a pipeline runs it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.settings import ROOT


def step(
    name: str, *arguments: str | Path, variables: Mapping[str, str], cwd: Path = ROOT, root: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a step to its end.

    Args:
        name: its file.
        arguments: its arguments.
        variables: beside those of this process.
        cwd: where.
        root: the checkout whose step it is.
    """
    return subprocess.run(
        [root / "pipelines" / "steps" / name, *arguments],
        cwd=cwd,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **variables},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=540,
    )
