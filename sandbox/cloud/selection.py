"""How data sources choose: by ids, by a pattern of the name, by equal properties."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.cloud.contents import Entry
from sandbox.cloud.refusal import Refusal

Arguments = dict[str, Any]
"""The arguments of a data source, by their names on the wire."""


def selected(entries: Iterable[Entry], arguments: Arguments, name: str) -> list[Entry]:
    """Return the entries that the ``ids`` and the ``nameRegex`` of a data source choose."""
    return [
        entry
        for entry in entries
        if entry.id in arguments.get("ids", [entry.id])
        and re.search(arguments.get("nameRegex", ""), entry.object.get(name, ""))
    ]


def fits(entry: Entry, arguments: Arguments, *names: str) -> bool:
    """Tell whether an entry has the values that the arguments of some names ask for."""
    return all(arguments[name] == entry.object.get(name) for name in names if arguments.get(name) is not None)


def demand(arguments: Arguments, name: str, source: str) -> None:
    """Refuse a data source without an argument that it needs.

    Raises:
        Refusal: the argument is missing.
    """
    if not arguments.get(name):
        raise Refusal(f'{source}: Missing required argument: the argument "{name}" is required')


def listed(block: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return a block the way results have it: a list of none or one."""
    return [block] if block else []
