"""`ackp explain`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJsonList, Stack

if TYPE_CHECKING:
    from config.explain import Explanation

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="gateway.replicas, gateway, gateway.ingress, alb, environment.quota …")
]
_WIDEST_PATH = 48
_WIDEST_VALUE = 40


def explain(key: Key, stack: Stack = "test", *, json_: AsJsonList = False) -> None:
    """Say which value a setting has in a stack, which file and line it came from, and what it means.

    A service, a section or a mapping in it lists all its keys.

    Example: ackp explain gateway.replicas --stack uat
    """
    from config import CATALOGUE, SettingsError, load, read_stack  # noqa: PLC0415 - help does not need it
    from config.explain import UnknownKeyError  # noqa: PLC0415 - help does not need it
    from config.explain import explain as explanations  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it

    try:
        source, catalogue = read_stack(stack, ROOT), read_yaml(CATALOGUE)
        found = explanations(load(source, catalogue, secrets="generated"), source, catalogue, key)
    except (SettingsError, UnknownKeyError) as error:
        typer.echo(f"error: {error}" if isinstance(error, UnknownKeyError) else str(error), err=True)
        raise typer.Exit(1) from None
    if json_:
        typer.echo(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
    elif len(found) == 1:
        _one(found[0])
    else:
        _many(found)


def _one(found: Explanation) -> None:
    """Everything about one key."""
    rows = [("value", _text(found.value)), ("from", found.origin)]
    if found.allowed:
        rows += [("default", found.default or "none: it must be set"), ("allowed", found.allowed)]
    typer.echo(found.path)
    for name, text in [*rows, ("meaning", found.meaning)]:
        typer.echo(f"  {name:<8} {text}")


def _many(found: list[Explanation]) -> None:
    """One line for each key."""
    path_width = min(max(len(each.path) for each in found), _WIDEST_PATH)
    value_width = min(max(len(_text(each.value)) for each in found), _WIDEST_VALUE)
    for each in found:
        typer.echo(f"{each.path:<{path_width}}  {_text(each.value):<{value_width}}  {each.origin}")


def _text(value: object) -> str:
    return "unset" if value is None else json.dumps(value, ensure_ascii=False)
