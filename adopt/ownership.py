"""Who owns the fields of a live object, and the transfer of the people's and their tools' fields to this program.

Server-side apply takes a field away only if nobody else owns it. The engine's provider moves ownership only from its
own creations and kubectl's, so what the console wrote would stay for ever once it is no longer stated.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adopt.connection import APPLY, JSON, Connection, RefusedError
from adopt.controllers import is_controllers
from adopt.difference import stated
from adopt.finding import AdoptError, named
from adopt.server import path_to
from adopt.snapshot import Object
from adopt.withheld import Withheld, within
from components.manifests.metadata import FIELD_MANAGER, Manifest
from components.manifests.patch import patch_between

_CONFLICT = 409
_MOST_TRIES = 10
_FORCED = {"fieldManager": FIELD_MANAGER, "force": "true"}


@dataclass(frozen=True)
class Manager:
    """One entry of an object's ``managedFields``."""

    name: str
    """The field manager."""
    operation: str
    """``Update`` or ``Apply``."""
    fields: tuple[str, ...]
    """What it owns, by the fields of the specification, the metadata's labels and annotations, and the rest."""
    keeps: bool
    """Whether it is a controller's, or this program's: it stays."""


def managers(live: Object) -> list[Manager]:
    """The owners of an object's fields."""
    return [
        Manager(
            str(each.get("manager")),
            str(each.get("operation")),
            tuple(_top(each.get("fieldsV1") or {})),
            not _is_foreign(each),
        )
        for each in live["metadata"].get("managedFields") or ()
    ]


def transfer(
    connection: Connection,
    built: Manifest,
    live: Object,
    withheld: Sequence[Withheld] = (),
    unstated: Iterable[str] = (),
) -> Object:
    """Make this program the owner of every field that it states; only ``managedFields`` and its own annotations change.

    Args:
        connection: to the cluster.
        built: the object as the program states it, its patch applied.
        live: the live object.
        withheld: fields that stay with their present owners.
        unstated: keys of the specification that the program leaves to others.

    Returns:
        The live object afterwards.

    Raises:
        AdoptError: the object would change, or keeps changing meanwhile.
    """
    path, read = path_to(live), live
    for _ in range(_MOST_TRIES):
        try:
            live = {**live, **connection.get(path)}
            _refuse(read, live, unstated, "it has changed since it was read, in {}; run again")
            # With its version: who writes in between is not written over.
            metadata = {**built["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
            body = {**built, "metadata": metadata}
            would_be = connection.patch(path, body, APPLY, {**_FORCED, "dryRun": "All"})
            _refuse(live, would_be, unstated, "applying it would change {}")
            if would_be["metadata"] != live["metadata"]:
                live = connection.patch(path, body, APPLY, _FORCED)
            left = _left(live, withheld)
            if left != live["metadata"]["managedFields"]:
                live = connection.patch(path, _replacement(live, left), JSON, {"fieldManager": FIELD_MANAGER})
        except RefusedError as error:
            if error.status != _CONFLICT:
                raise AdoptError(f"{named(live)} cannot be taken over", [str(error)]) from None
        else:
            return live
    raise AdoptError(f"{named(live)} cannot be taken over", ["it keeps changing; run again when it is at rest"])


def _refuse(before: Object, after: Object, unstated: Iterable[str], words: str) -> None:
    """Refuse to go on where two forms of an object differ in what a program states."""
    changes = patch_between(stated(before, before, unstated), stated(after, before, unstated))
    if changes is not None:
        fields = ", ".join(sorted(_paths(changes)))
        raise AdoptError(f"{named(before)} cannot be taken over", [words.format(fields)])


def _paths(patch: Object, above: str = "") -> Iterator[str]:
    """The fields that a patch is about; no values, for they may be secrets."""
    for key, value in patch.items():
        path = f"{above}.{key}" if above else key
        if isinstance(value, dict) and value:
            yield from _paths(value, path)
        else:
            yield path


def _left(live: Object, withheld: Sequence[Withheld]) -> list[Object]:
    """The entries that stay: controllers', this program's, and of the others what is withheld."""
    left = []
    for each in live["metadata"]["managedFields"]:
        if not _is_foreign(each):
            left.append(each)
        elif fields := within(each.get("fieldsV1") or {}, withheld):
            left.append({**each, "fieldsV1": fields})
    return left


def _is_foreign(entry: Object) -> bool:
    ours = (entry.get("manager"), entry.get("operation")) == (FIELD_MANAGER, "Apply")
    return not ours and not is_controllers(entry)


def _replacement(live: Object, entries: list[Object]) -> list[Object]:
    """Replace the entries, unless somebody wrote meanwhile."""
    metadata = "/metadata/managedFields", "/metadata/resourceVersion"
    return [
        {"op": "replace", "path": metadata[0], "value": entries},
        {"op": "replace", "path": metadata[1], "value": live["metadata"]["resourceVersion"]},  # else a conflict
    ]


def _top(fields: dict[str, Any]) -> Iterator[str]:
    """``metadata.labels``, ``spec.template``: two levels are enough for people."""
    for key, below in fields.items():
        name = key.removeprefix("f:")
        deeper = [each.removeprefix("f:") for each in below if each.startswith("f:")]
        yield from (f"{name}.{each}" for each in deeper) if deeper else (name,)
