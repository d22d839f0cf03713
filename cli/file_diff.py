"""A change of a file, as a unified diff."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def unified(name: str, before: str, after: str) -> str:
    """The diff between two texts of a file; empty if they are equal."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, name, name, n=2))


def show(console: Console, diff: str) -> None:
    """Print a diff, coloured on a terminal."""
    for line in diff.splitlines():
        console.print(f"  {line}", style=_COLOURS.get(line[:1]), markup=False, highlight=False)
