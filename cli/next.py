"""`ackp next`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.file_diff import show, unified
from cli.options import ROOT, AsJson, StackName, complete_service

if TYPE_CHECKING:
    from rich.console import Console

    from improvements.improvement import Improvement
    from improvements.improvement import Stack as LoadedStack


def complete_item(incomplete: str) -> list[str]:
    """Names of improvements that begin like this."""
    from improvements.items import ITEMS  # noqa: PLC0415 - only where completion is asked for

    return [item.name for item in ITEMS if item.name.startswith(incomplete)]


Service = Annotated[
    str | None, typer.Argument(metavar="[SERVICE]", help="One service; none: all.", autocompletion=complete_service)
]
Apply = Annotated[
    list[str] | None,
    typer.Option(
        "--apply",
        metavar="ITEM",
        help="Make this edit to the stack file; again for several. image=DIGEST or image=TAG names the image.",
        autocompletion=complete_item,
    ),
]


def next(  # noqa: A001 - the command's name
    stack: StackName, service: Service = None, *, apply: Apply = None, json_: AsJson = False
) -> None:
    """List what can be made better of each service, the greatest risk first; --apply edits the stack file.

    Each improvement is one edit of the service's entry: with its effect on the objects, whether pods restart, and
    what must be done before. Nothing is done in the cluster and none is asked: `pulumi preview` shows what the edited
    file changes, and `pulumi up` does it. An edit that `ackp check` would refuse is not written, and ends with exit
    code 1.

    Example: ackp next prod study
    """
    from cli.console import readable_errors  # noqa: PLC0415 - help does not need it

    if apply and service is None:
        raise typer.BadParameter("name the SERVICE that it is for", param_hint="--apply")
    with readable_errors():
        loaded = _load(stack)
        names = [service] if service else list(loaded.settings.services)
        if service and service not in loaded.settings.services:
            _refuse(f"{service} is no service of {loaded.source.file.name}; {_nearest(service, loaded)}")
        if apply and service:
            _apply(loaded, service, apply, json_=json_)
        elif json_:
            typer.echo(json.dumps([_as_json(loaded, name) for name in names], indent=2, ensure_ascii=False))
        else:
            _show(loaded, names, details=service is not None)


def _load(stack: str) -> LoadedStack:
    from config import CATALOGUE, read_stack  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it
    from improvements.improvement import Stack  # noqa: PLC0415 - help does not need it

    return Stack.load(read_stack(stack, ROOT), read_yaml(CATALOGUE))


def _apply(loaded: LoadedStack, service: str, wanted: list[str], *, json_: bool) -> None:
    from cli.console import output  # noqa: PLC0415 - help does not need it
    from config.files import replace_text  # noqa: PLC0415 - help does not need it
    from improvements.application import RefusedError, apply  # noqa: PLC0415 - help does not need it
    from improvements.items import ITEMS  # noqa: PLC0415 - help does not need it
    from improvements.stack_file import StackFileError  # noqa: PLC0415 - help does not need it

    path = ROOT / loaded.source.file.name
    told = {name: value for name, _, value in (each.partition("=") for each in wanted)}
    try:
        text = path.read_bytes().decode()
        applied = apply(text, loaded, service, ITEMS, told)
        if path.read_bytes().decode() != text:
            _refuse(f"{path.name} was changed meanwhile; nothing was written. Run it again")
        replace_text(path, applied.text)
    except (RefusedError, StackFileError, OSError) as error:
        _refuse(str(error))
    diff = unified(path.name, text, applied.text)
    if json_:
        items = [_improvement_as_json(each, service, diff) for each in applied.improvements]
        typer.echo(json.dumps(items, indent=2, ensure_ascii=False))
        return
    console = output()
    show(console, diff)
    for each in applied.improvements:
        _line(console, f"{each.item.name}: {_restart(each)}")
        for first in each.first:
            _line(console, f"  first     {first}")
    _line(console, f"{path.name}: written; read `pulumi preview --stack {loaded.source.stack}` before `pulumi up`")


def _show(loaded: LoadedStack, names: list[str], *, details: bool) -> None:
    from cli.console import output  # noqa: PLC0415 - help does not need it
    from improvements.improvement import improvements, left  # noqa: PLC0415 - help does not need it
    from improvements.items import ITEMS  # noqa: PLC0415 - help does not need it

    console = output()
    found = {name: improvements(loaded, name, ITEMS) for name in names}
    for name, each in found.items():
        if details:
            for improvement in each:
                _show_one(console, loaded, name, improvement)
        elif console.is_terminal:
            _table(console, name, each)
        else:
            for improvement in each:
                _line(
                    console, f"{name:<20} {improvement.item.name:<18} {_restart(improvement):<18} {_state(improvement)}"
                )
        for field in left(loaded.subject(name), ITEMS):
            _line(console, f"{name:<20} left in the patch  {field}")
        if not each:
            _line(console, f"{name:<20} nothing is open")
    if not details:
        _line(
            console, f"`ackp next {loaded.source.stack} SERVICE` shows each with its risk, what it changes and its edit"
        )


def _table(console: Console, name: str, found: list[Improvement]) -> None:
    from rich.markup import escape  # noqa: PLC0415 - only on a terminal
    from rich.table import Table  # noqa: PLC0415 - only on a terminal

    if not found:
        return
    table = Table("item", "removes the risk that", "pods", "", title=name, title_justify="left", expand=True)
    for each in found:
        style = "yellow" if each.blocked else "green"
        state = f"[{style}]{escape(_state(each))}[/{style}]"
        table.add_row(f"[bold]{each.item.name}[/bold]", escape(each.item.risk), _restart(each), state)
    console.print(table)


def _show_one(console: Console, loaded: LoadedStack, name: str, improvement: Improvement) -> None:
    item, effect = improvement.item, improvement.effect
    console.print(f"[bold]{item.name}[/bold]  {_restart(improvement)}")
    rows = [("risk", f"{item.risk} ({item.source})")]
    if effect is not None:
        rows += [(word, ", ".join(each)) for word, each in (("creates", effect.created), ("deletes", effect.deleted))]
        rows += [("changes", each) for each in effect.fields]
    rows += [("blocked", each) for each in improvement.blocked]
    rows += [("first", each) for each in improvement.first]
    for word, text in rows:
        if text:
            _line(console, f"  {word:<9} {text}")
    show(console, _edit(loaded, name, improvement))
    if not improvement.blocked:
        _line(console, f"  ackp next {loaded.source.stack} {name} --apply {item.name}")
    _line(console, "")


def _edit(loaded: LoadedStack, name: str, improvement: Improvement) -> str:
    """The edit as a diff of the stack file."""
    from improvements.stack_file import edited  # noqa: PLC0415 - help does not need it

    path = ROOT / loaded.source.file.name
    text = path.read_bytes().decode()
    return unified(
        path.name, text, edited(text, loaded.source.file, name, loaded.subject(name).under, improvement.edit)
    )


def _restart(improvement: Improvement) -> str:
    if improvement.effect is None:
        return "not known yet"
    return "rolling restart" if improvement.effect.restarts else "no restart"


def _state(improvement: Improvement) -> str:
    return f"blocked: {'; '.join(improvement.blocked)}" if improvement.blocked else "open"


def _as_json(loaded: LoadedStack, name: str) -> dict[str, Any]:
    from improvements.improvement import improvements, left  # noqa: PLC0415 - help does not need it
    from improvements.items import ITEMS  # noqa: PLC0415 - help does not need it

    found = improvements(loaded, name, ITEMS)
    return {
        "service": name,
        "improvements": [_improvement_as_json(each, name, _edit(loaded, name, each)) for each in found],
        "leftInThePatch": left(loaded.subject(name), ITEMS),
    }


def _improvement_as_json(improvement: Improvement, service: str, diff: str) -> dict[str, Any]:
    effect = improvement.effect
    changes = {"creates": effect.created, "deletes": effect.deleted, "fields": effect.fields} if effect else None
    return {
        "service": service,
        "item": improvement.item.name,
        "rank": improvement.rank,
        "risk": improvement.item.risk,
        "source": improvement.item.source,
        "changes": changes,
        "restarts": effect.restarts if effect else None,
        "blocked": improvement.blocked,
        "first": improvement.first,
        "diff": diff,
    }


def _nearest(service: str, loaded: LoadedStack) -> str:
    from config.errors import did_you_mean  # noqa: PLC0415 - only where something is wrong

    return did_you_mean(service, loaded.settings.services)


def _refuse(text: str) -> None:
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(1)


def _line(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False)
