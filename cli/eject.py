"""`ackp eject`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, complete_stack

if TYPE_CHECKING:
    from rich.console import Console

    from sandbox.state import StackState

Stack = Annotated[
    str, typer.Argument(metavar="STACK", help="The stack to leave Pulumi with.", autocompletion=complete_stack)
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where the files go.  [default: ejected/STACK]")
]
Apply = Annotated[bool, typer.Option("--apply", help="Drop the state too, after a backup of it.")]
InSandbox = Annotated[bool, typer.Option("--sandbox", help="A stack of the sandbox, not one of your own pulumi.")]


def eject(stack: Stack, out: Out = None, apply: Apply = False, sandbox: InSandbox = False) -> None:
    """Leave Pulumi: write a stack as files for kubectl, and with --apply empty its state. Deletes nothing.

    The files are what Pulumi last applied: a YAML file for each object, in an order that kubectl can take, values of
    Helm releases, and a README.md with the ids of everything in the account, how to apply, and how to come back. No
    secret is in them.

    Without --apply nothing but the folder is written. With it, the state is saved beside the files, then emptied in one
    write. No provider is started, so nothing in the cluster or the account can change, wherever it is cut off.

    It works on the stack of your own `pulumi`, the one on PATH with the backend it is logged in to.

    Example: ackp eject uat --out ejected
    """
    from eject import deployment as state_of  # noqa: PLC0415 - help does not need it
    from eject import folder as files  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it
    from sandbox.run import NOTHING_TO_EJECT  # noqa: PLC0415 - help does not need it

    folder = out or Path("ejected") / stack
    with _opened(stack, sandbox=sandbox) as (console, state):
        exported = state.export()
        found = state_of.read(stack, exported)
        if not found.count:
            if (folder / files.BACKUP).exists() and files.is_ejected(folder, stack):
                console.print(f"{stack} was ejected already: see {folder / files.PAGE}", markup=False)
                return
            raise SandboxError(f"The state of the stack {stack} has no resources: {NOTHING_TO_EJECT}")
        files.check(folder, stack, exported)
        count = files.write(folder, found, backup=exported if apply else None)
        console.print(f"{count} files in {folder}: {found}", markup=False)
        if apply:
            state.drop(exported)
            console.print(f"The state of {stack} is empty. Nothing that it stood for was touched.")
            console.print(f"The state before: {folder / files.BACKUP}", markup=False)
            console.print(f"How to go on, and how to come back: {folder / files.PAGE}", markup=False)
        else:
            console.print(
                f"The state of {stack} is as it was. --apply saves it as {folder / files.BACKUP}", markup=False
            )
            console.print(
                f"and takes {found.count} resources out of it, in one write. It deletes nothing.", markup=False
            )


@contextmanager
def _opened(stack: str, *, sandbox: bool) -> Iterator[tuple[Console, StackState]]:
    """The stack's state, with errors reported."""
    from cli.console import in_sandbox, output, progress, readable_errors  # noqa: PLC0415 - help does not need it

    if sandbox:
        from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

        with (
            in_sandbox() as console,
            progress("Starting") as live,
            Sandbox(ROOT, stack, progress=live).ejecting() as state,
        ):
            yield console, state
        return
    from eject.pulumi import OperatorState  # noqa: PLC0415 - help does not need it

    with readable_errors():
        yield output(), OperatorState(ROOT, stack)
