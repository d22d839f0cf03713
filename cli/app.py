"""`ackp`: the commands around this project. Each is a module of this package, imported when it is used."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Context

COMMANDS = (
    "up",
    "preview",
    "report",
    "outputs",
    "down",
    "render",
    "eject",
    "check",
    "policy",
    "explain",
    "map",
    "diff",
    "promote",
    "images",
    "set-image",
    "rollback",
    "restart",
    "cost",
    "drift",
    "watch",
    "logs",
    "arthas",
    "heapdump",
    "reach",
    "tcpdump",
    "clean",
    "adopt",
    "next",
    "comment",
    "notify",
    "schema",
    "cluster",
    "bundle",
    "doctor",
)
"""Names of the commands, in the order of the help text. `set-image` is the function `set_image` of `cli.set_image`."""

EPILOG = (
    "The stacks are the files Pulumi.STACK.yaml of this project.\n\n"
    "Exit codes: 0 done; 1 refused or failed, with the reason; 2 wrong usage; 130 interrupted, run it again to go on."
)


class Commands(TyperGroup):
    """The group of commands, imported one by one."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - the base class's signature
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 - see above
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        single = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False, rich_markup_mode=None)
        name = cmd_name.replace("-", "_")
        single.command(name=cmd_name)(getattr(import_module(f"cli.{name}"), name))
        command = typer.main.get_command(single)
        return command if isinstance(command, TyperCommand) else None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,  # local variables may hold secrets
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def ackp() -> None:
    """Run and check the Spring Boot platform on Alibaba Cloud ACK.

    `up`, `preview`, `outputs` and `down` work in a sandbox on this machine: the real Pulumi engine and the real
    program, with a cloud in memory. They never touch a real account; for that there is `pulumi up --stack STACK`.
    """


_GARBAGE = 50_000
"""Objects between two searches for garbage. A start makes that many, nearly all of which stay; by Python's own number,
700, they would be searched many times over."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_GARBAGE)
    # No package here extends Pydantic. To find that out, it would read the metadata of all that are installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    app()
