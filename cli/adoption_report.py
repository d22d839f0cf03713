"""What `ackp adopt` says: a table, the owners of fields, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from cli.console import output

if TYPE_CHECKING:
    from adopt.adoption import Adoption
    from adopt.finding import Finding
    from adopt.known import Known

_ORDER = {
    "adopted": "green",
    "given": "green",
    "left alone": "dim",
    "not expressible": "yellow",
    "to be filled in": "yellow",
    "differs": "yellow",
    "contradicts": "red",
}
"""The outcomes in the order of the table, with their colours."""
_MOST_NAMES = 3


def show(adoption: Adoption, written: Iterable[str]) -> None:
    """Print the table: one line for each field, however many objects have it."""
    console = output()
    table = _table("outcome", "object", "field", "note")
    for outcome, subjects, field, note in _folded(adoption.findings):
        table.add_row(Text(outcome, style=_ORDER[outcome]), *map(Text, (subjects, field, note)))
    console.print(table)
    files = ", ".join(written)
    console.print(f"written: {files}" if files else "written: nothing, the files say it already", markup=False)


def show_managers(adoption: Adoption) -> None:
    """Print who owns fields of the adopted objects, and what becomes of it."""
    from adopt.ownership import managers  # noqa: PLC0415 - only with --apply

    table = _table("owner", "becomes", "objects", "fields")
    owned: dict[tuple[str, str, bool], tuple[list[str], dict[str, None]]] = {}
    for each in adoption.taken:
        for manager in managers(each.live):
            names, fields = owned.setdefault((manager.name, manager.operation, manager.keeps), ([], {}))
            names.append(f"{each.live['kind']}/{each.live['metadata']['name']}")
            fields.update(dict.fromkeys(manager.fields))
    for (name, operation, keeps), (names, fields) in sorted(owned.items()):
        becomes = "stays" if keeps else "this program's"
        table.add_row(*map(Text, (f"{name} ({operation})", becomes, _names(names), ", ".join(fields))))
    output().print(table)


def show_next(adoption: Adoption, known: Known, namespace: str, *, applied: bool) -> None:
    """Print what to do next."""
    console = output()
    if any(each.outcome == "to be filled in" for each in adoption.findings):
        console.print(
            f"next: fill in the placeholders of Pulumi.{known.stack}.yaml; ackp check {known.stack} names them"
        )
    for key in adoption.inferred.settings.required_secrets:
        console.print(f"next: pulumi config set --stack {known.stack} --secret {key}")
    if adoption.open:
        console.print("nothing was taken over: settle what contradicts, and run again", style="red")
    elif not applied:
        console.print(f"next: ackp adopt {known.stack} --namespace {namespace} --apply makes the fields this program's")
    else:
        console.print(f"{len(adoption.taken)} objects are taken over; of them nothing but the owners changed")
        console.print(f"next: pulumi stack init {known.stack}, if that is still to be done")
        console.print(f"next: ackp adopt {known.stack} --namespace {namespace} --state")
        console.print(f"next: pulumi preview --stack {known.stack} shows no change")


def as_json(adoption: Adoption, written: Iterable[str], *, applied: bool) -> dict[str, Any]:
    """The whole report in plain types: every field of every object."""
    from adopt.finding import named  # noqa: PLC0415 - see below
    from adopt.ownership import managers  # noqa: PLC0415 - only here

    return {
        "files": list(written),
        "applied": applied,
        "findings": [asdict(each) for each in adoption.findings],
        "managers": {named(each.live): [asdict(one) for one in managers(each.live)] for each in adoption.taken},
    }


def _folded(findings: Iterable[Finding]) -> Iterator[tuple[str, str, str, str]]:
    """Outcome, objects, field and note; the same field of several objects is one line."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for each in findings:
        own = each.subject.rpartition("/")[2]
        field = re.sub(rf"\[{re.escape(own)}\]", "[…]", each.field)
        lines.setdefault((each.outcome, field, each.note.replace(f"services.{own}", "services.…")), []).append(
            each.subject
        )
    order = list(_ORDER)
    for (outcome, field, note), subjects in sorted(lines.items(), key=lambda item: order.index(item[0][0])):
        yield outcome, _names(subjects), field, note


def _names(subjects: Iterable[str]) -> str:
    names = list(dict.fromkeys(subjects))
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE if output().is_terminal else None, pad_edge=False)
    for each in columns:
        table.add_column(each, overflow="fold")
    return table
