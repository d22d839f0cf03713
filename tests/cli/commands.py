"""The commands of `ackp`, as Typer has them."""

from __future__ import annotations

import typer
from typer.core import TyperCommand

from cli.app import Commands, app


def command(name: str) -> TyperCommand:
    """A command, by its name."""
    group = typer.main.get_command(app)
    assert isinstance(group, Commands)
    found = group.get_command(typer.Context(group), name)
    assert found
    return found


def options_of(name: str) -> set[str]:
    """The names of its options and arguments, as they are typed."""
    return {option for parameter in command(name).params for option in parameter.opts}
