"""`ackp diff`."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import ROOT, AsJson, StackName, complete_stack

if TYPE_CHECKING:
    from rich.console import Console

    from parity.difference import Difference

SURPRISING = 3
"""The exit code of `--fail`."""
_LONGEST = 60


Other = Annotated[
    str,
    typer.Argument(
        metavar="OTHER",
        help="The STACK of a file Pulumi.STACK.yaml.",
        autocompletion=complete_stack,
        show_default=False,
    ),
]
All = Annotated[bool, typer.Option("--all", help="Show the expected differences too, each with its reason.")]
Fail = Annotated[bool, typer.Option("--fail", help=f"End with exit code {SURPRISING} if a difference is surprising.")]


def diff(
    stack: StackName,
    other: Other,
    *,
    all_: All = False,
    json_: AsJson = False,
    fail: Fail = False,
) -> None:
    """Say what differs between two stacks and should not: the surprising apart from what environments differ in.

    Compared are the settings in force, the catalogue and all defaults included; nothing is contacted. Expected are
    sizes, addresses, owners, certificates, what follows from the environment's name, and images of one version and
    commit that were built for each profile.

    Example: ackp diff test uat --fail
    """
    from cli.console import output, readable_errors  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from parity.difference import differences  # noqa: PLC0415 - help does not need it

    if stack == other:
        raise typer.BadParameter("name two different stacks", param_hint="OTHER")
    with readable_errors():
        found = differences(*(load_stack(each, ROOT, secrets="generated") for each in (stack, other)))
    surprising = [each for each in found if not each.expected]
    expected = [each for each in found if each.expected]
    if json_:
        lists = {"surprising": surprising, "expected": expected}
        shown = {name: [_as_json(each, (stack, other)) for each in listed] for name, listed in lists.items()}
        typer.echo(json.dumps({"stacks": [stack, other], **shown}, indent=2, ensure_ascii=False))
    else:
        _show(output(), (stack, other), surprising, expected, everything=all_)
    if fail and surprising:
        raise typer.Exit(SURPRISING)


def _show(
    console: Console,
    stacks: tuple[str, str],
    surprising: list[Difference],
    expected: list[Difference],
    *,
    everything: bool,
) -> None:
    head = f"{stacks[0]} and {stacks[1]}: {len(surprising)} surprising, {len(expected)} expected"
    console.print(head, style="yellow" if surprising else "green", markup=False)
    _list(console, stacks, surprising)
    if everything:
        console.print("\nexpected", markup=False)
        _list(console, stacks, expected)
    elif expected:
        console.print("\nexpected; --all shows them", markup=False)
        for why, count in Counter(each.expected for each in expected).most_common():
            console.print(f"  {count:>4}  {why}", markup=False)


def _list(console: Console, stacks: tuple[str, str], found: list[Difference]) -> None:
    if console.is_terminal and found:
        _table(console, stacks, found)
        return
    width = max((len(_where(each)) for each in found), default=0)
    for each in found:
        values = f"{_text(each.values[0])} → {_text(each.values[1])}"
        said = each.expected or each.note
        console.print(f"  {_where(each):<{width}}  {values}{f'  ({said})' if said else ''}", markup=False)


def _table(console: Console, stacks: tuple[str, str], found: list[Difference]) -> None:
    from rich.markup import escape  # noqa: PLC0415 - only on a terminal
    from rich.table import Table  # noqa: PLC0415 - only on a terminal

    table = Table("setting", *stacks, "", expand=True)
    for each in found:
        cells = (_where(each), *map(_cut, map(_text, each.values)), each.expected or each.note)
        table.add_row(*map(escape, cells))
    console.print(table)


def _where(each: Difference) -> str:
    return (
        each.path if each.service is None else f"{each.service}.{each.key}" if each.key != each.path else each.service
    )


def _text(value: object) -> str:
    return "unset" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _as_json(each: Difference, stacks: tuple[str, str]) -> dict[str, Any]:
    values = dict(zip(stacks, each.values, strict=True))
    said = {"reason": each.expected} if each.expected else {"note": each.note} if each.note else {}
    return {"service": each.service, "path": each.path, "values": values, **said}
