"""What the operator's `pulumi up` needs on a machine, found where `pulumi` itself looks for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sandbox.engine import OLDEST, Engine, WayFailedError, cache_directory, inspect

PLUGINS = ("kubernetes", "alicloud")


class MissingError(Exception):
    """Something is not installed; the text names everything that is missing, each with the way to get it."""


@dataclass(frozen=True)
class Tools:
    """What was found.

    Attributes:
        engine: The `pulumi` on PATH.
        home: The operator's PULUMI_HOME, in which the plug-ins are.
        path: The PATH with which `pulumi` finds everything else.
    """

    engine: Engine
    home: Path
    path: str


def find_tools() -> Tools:
    """Find `pulumi`, its Python language host, uv, and the plug-ins in the versions that `uv.lock` pins.

    Raises:
        MissingError: Something is not there.
    """
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    program = shutil.which("pulumi")
    # uv is where `scripts/venv` found it or put it.
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, sorted(cache_directory().glob("uv-*/bin")))])
    oldest = ".".join(map(str, OLDEST))
    missing = []
    engine = None
    try:
        engine = inspect(Path(program), "PATH") if program else None
    except WayFailedError as reason:
        missing.append(str(reason))
    if not program:
        missing.append(f"pulumi {oldest} or newer on PATH: https://www.pulumi.com/docs/install/")
    elif not _beside(program, "pulumi-language-python"):
        missing.append("pulumi-language-python, which the Pulumi installer puts beside pulumi")
    if not shutil.which("uv", path=path):
        missing.append("uv: https://docs.astral.sh/uv/getting-started/installation/")
    missing += _missing_plugins(home)
    if engine is None or missing:
        lines = "".join(f"\n  - {each}" for each in missing)
        raise MissingError(f"make test-plugins runs the stacks with the real plug-ins, and needs:{lines}")
    return Tools(engine, home, path)


def _beside(program: str, name: str) -> bool:
    return Path(program).resolve().with_name(name).exists() or shutil.which(name) is not None


def _missing_plugins(home: Path) -> Iterator[str]:
    """One on PATH is taken, as the engine does it; else the version that the SDK asks for."""
    for name in PLUGINS:
        wanted, program = version(f"pulumi-{name}"), f"pulumi-resource-{name}"
        if not (home / "plugins" / f"resource-{name}-v{wanted}" / program).exists() and not shutil.which(program):
            yield f"the plug-in {name} {wanted}: pulumi plugin install resource {name} {wanted}"
