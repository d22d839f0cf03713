"""Policy packs in the sandbox, whose engine comes without the language host that would start them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sandbox.place import Place
from sandbox.problem import SandboxError

_STARTER = '#!/bin/sh\nexec "$2/.venv/bin/python" -u "$2"\n'
"""What the language host of a release of Pulumi does: run the pack's folder in the pack's own environment."""


def install_starter(place: Place, packs: Iterable[Path]) -> None:
    """Give the sandbox's engine the plug-in with which it starts packs in Python.

    Args:
        place: The sandbox.
        packs: The packs that are to be started.

    Raises:
        SandboxError: One is no policy pack, or has no environment.
    """
    for pack in packs:
        if not (pack / "PulumiPolicy.yaml").is_file():
            raise SandboxError(f"{pack} is no policy pack: it has no PulumiPolicy.yaml. This project's is policies.")
        if not (pack / ".venv" / "bin" / "python").exists():
            make = f"scripts/venv uv sync --locked --project {pack}"
            raise SandboxError(f"The policy pack {pack} has no Python environment. Make it once: `{make}`")
    program = place.home / "plugins" / "analyzer-policy-python-v1.0.0" / "pulumi-analyzer-policy-python"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(_STARTER, encoding="utf-8")
    program.chmod(0o755)
