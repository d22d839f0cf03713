"""The policy pack with the environment that policies/uv.lock says, where it leaves nothing in the checkout."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.settings import ROOT

PACK = ROOT / "policies"


def copied_pack(folder: Path) -> Path:
    """Copy the pack, make its environment, and return it; the packages come from uv's cache."""
    pack = folder / PACK.name
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    uv = ROOT / ".venv" / "bin" / "uv"
    subprocess.run([uv, "sync", "--locked", "--quiet", "--project", pack], check=True)
    return pack
