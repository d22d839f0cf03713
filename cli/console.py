"""Talking to people: progress and errors on standard error, results on standard output, colour on terminals only."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from sandbox.problem import InterruptedRunError, SandboxError
from sandbox.progress import Lines, Progress

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.status import Status

    from adopt.connection import Connection
    from config import StackSettings
    from sandbox.changes import Changes

NOTICE = "SANDBOX（沙箱）: nothing real was created"  # noqa: RUF001 - Chinese brackets around Chinese
"""The first and the last line of every command that works in the sandbox."""

_INTERRUPTED = 130
_ENDLESS = 10_000


def output() -> Console:
    """The console for results. Lines are not cut or wrapped where the reader is a file."""
    from rich.console import Console  # noqa: PLC0415 - JSON and plain lines need no Rich

    return Console(width=None if sys.stdout.isatty() else _ENDLESS, highlight=False)


class Terminal:
    """Progress on a terminal: lasting lines scroll by above one live line with a spinner and the time so far."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._begin = time.monotonic()

    def line(self, text: str) -> None:
        """Print the line above the live one."""
        self._status.console.print(text, markup=False, highlight=False)

    def live(self, text: str) -> None:
        """Put the text into the live line."""
        from rich.markup import escape  # noqa: PLC0415 - only on a terminal

        self._status.update(f"{escape(text)} [dim]({time.monotonic() - self._begin:.0f} s)[/dim]")


@contextmanager
def progress(text: str) -> Iterator[Progress]:
    """Progress on standard error, as fits what it is connected to.

    Args:
        text: What is being done, until something better is known.
    """
    if sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415 - only on a terminal
        from rich.status import Status  # noqa: PLC0415 - only on a terminal

        with Status(text, console=Console(stderr=True)) as status:
            yield Terminal(status)
    else:
        yield Lines()


@contextmanager
def readable_errors() -> Iterator[None]:
    """End the command with one report, and no stack trace, where it cannot go on."""
    from config import SettingsError  # noqa: PLC0415 - help does not need it

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a build or download in flight is ended with the command
    try:
        yield
    except SandboxError as error:
        _report(str(error), "[red]error:[/red] ")
        raise typer.Exit(1) from None
    except SettingsError as error:
        _report(str(error))
        raise typer.Exit(1) from None
    except InterruptedRunError as error:
        _report(str(error))
        raise typer.Exit(_INTERRUPTED) from None
    except KeyboardInterrupt:
        _report("Interrupted; nothing is left half done. Run it again to go on.")
        raise typer.Exit(_INTERRUPTED) from None


@contextmanager
def cluster_errors() -> Iterator[None]:
    """Let what keeps a cluster from being read or written end the command as any other report does."""
    from adopt.connection import ClusterError  # noqa: PLC0415 - help does not need it

    try:
        yield
    except ClusterError as error:
        raise SandboxError(str(error)) from None


def connected(settings: StackSettings, kubeconfig: Path | None, context: str | None) -> Connection:
    """Connect to the cluster of a stack, and say where its API server has another address than the stack states.

    Raises:
        ClusterError: the kubeconfig leads nowhere, or to another cluster.
    """
    from adopt.stack_cluster import connect, other_address  # noqa: PLC0415 - help does not need it

    connection = connect(settings, kubeconfig, context)
    if other := other_address(settings, connection):
        say(other)
    return connection


@contextmanager
def until_ctrl_c() -> Iterator[None]:
    """Ctrl-C is how a command that only looks is ended: it says so, and exits with 130."""
    try:
        yield
    except KeyboardInterrupt:
        say("Ended by Ctrl-C.")
        raise typer.Exit(_INTERRUPTED) from None


def say(text: str) -> None:
    """Print a line beside the results."""
    _errors().print(text, style="dim", markup=False, soft_wrap=True)


def show_warnings(changes: Changes) -> None:
    """Print the engine's and the program's warnings, each once."""
    for warning in changes.warnings:
        where = f"{warning.resource}: " if warning.urn else ""
        _report(where + warning.message, "[yellow]warning:[/yellow] ")


def _report(text: str, label: str = "") -> None:
    """Print a text to standard error, after a label with colours."""
    from rich.markup import escape  # noqa: PLC0415 - only where something is wrong

    _errors().print(f"{label}{escape(text)}")


def _errors() -> Console:
    from rich.console import Console  # noqa: PLC0415 - only where something is said

    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _ENDLESS)


@contextmanager
def in_sandbox() -> Iterator[Console]:
    """Say first and last that this is the sandbox, and report errors between."""
    console = output()
    console.print(f"[bold]{NOTICE}[/bold]")
    try:
        with readable_errors():
            yield console
    finally:
        console.print(f"[bold]{NOTICE}[/bold]")
