"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent
"""The project: the folder of Pulumi.yaml, the stack files and `__main__.py`."""


def complete_stack(incomplete: str) -> list[str]:
    """Stack names that begin like this, for the shell's completion."""
    from config import stack_names  # noqa: PLC0415 - only where completion is asked for

    return [name for name in stack_names(ROOT) if name.startswith(incomplete)]


Stack = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        envvar="STACK",
        metavar="STACK",
        help="The environment: the STACK of a file Pulumi.STACK.yaml.",
        autocompletion=complete_stack,
    ),
]
"""`--stack`, for a parameter with the default `"test"`."""
