"""The debt of a stack: what settings cannot say of its objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.options import ROOT

if TYPE_CHECKING:
    from rich.console import Console

    from config import StackSettings


def debt(settings: StackSettings) -> str:
    """``patched: 12 fields of 3 services``; empty where a stack has no patches."""
    patched = settings.patched_fields
    fields, services = sum(patched.values()), len(patched)
    return f"patched: {_counted(fields, 'field')} of {_counted(services, 'service')}" if patched else ""


def show_debt(console: Console, stack: str) -> None:
    """Print the debt of a stack and the command that lists it, if it has any."""
    from config import load_stack  # noqa: PLC0415 - `ackp check` of a stack without patches does not need it

    text = debt(load_stack(stack, ROOT, secrets="generated"))
    if text:
        console.print(f"{text}; ackp explain SERVICE.patch --stack {stack} lists them", style="yellow")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
