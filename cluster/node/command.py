"""Commands of the system and of containerd that run and end."""

from __future__ import annotations

import subprocess
from pathlib import Path


class CommandError(OSError):
    """A command failed; the text is the command and what it said."""


def run(*command: str | Path) -> str:
    """Run a command to its end, and return what it wrote to standard output.

    Raises:
        CommandError: It failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        raise CommandError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout
