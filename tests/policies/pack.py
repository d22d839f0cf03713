"""The pack's own environment, and the starter with which an engine without a language host runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.settings import ROOT

PACK = ROOT / "policies"


def environment(folder: Path) -> Path:
    """Make the environment that policies/uv.lock says, and return its Python; the packages come from uv's cache."""
    made = folder / "policies-venv"
    subprocess.run(
        [ROOT / ".venv" / "bin" / "uv", "sync", "--locked", "--quiet", "--project", PACK],
        check=True,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(made)},
    )
    return made / "bin" / "python"


def starter(folder: Path, python: Path) -> Path:
    """Write `pulumi-analyzer-policy-python`, which the engine looks for on PATH; return its folder.

    Releases of Pulumi bring a language host that does the same: run the folder, and read a port from its first line.
    """
    folder.mkdir()
    script = folder / "pulumi-analyzer-policy-python"
    script.write_text(f'#!/bin/sh\nexec "{python}" -u "$2"\n', encoding="utf-8")
    script.chmod(0o755)
    return folder
