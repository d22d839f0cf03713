"""Secrets in plain text that a live object holds: they stay where they are, and nothing here repeats them.

They are no part of what the program states, so the stack file, the engine's state and every output are without them;
server-side apply leaves a field alone that only somebody else owns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adopt.snapshot import Object
from config.checks.secrets import is_secret
from config.merge_keys import MERGE_KEYS

_FREE_TEXT = ("annotations", "args", "command", "env", "value")
"""Keys under which people write what they like."""


@dataclass(frozen=True)
class Withheld:
    """One value that is left to its present owner."""

    path: tuple[str, ...]
    """Its field, as people read it: ``spec``, ``template``, …, ``env[DB_PASSWORD]``."""
    owned: tuple[str, ...]
    """The same in the form of ``managedFields``: ``f:spec``, …, ``k:{"name":"DB_PASSWORD"}``."""

    def __str__(self) -> str:
        return ".".join(self.path)


def withhold(live: Object) -> tuple[Object, list[Withheld]]:
    """A live object without its plain secrets, and where they are."""
    found: list[Withheld] = []
    kept = _mapping(live, str(live["kind"]), ("",), Withheld((), ()), found, free=False)
    return kept, found


def _mapping(
    value: Object, kind: str, path: tuple[str, ...], place: Withheld, found: list[Withheld], *, free: bool
) -> Object:
    kept: Object = {}
    for key, each in value.items():
        below = Withheld((*place.path, key), (*place.owned, f"f:{key}"))
        open_ = free or key in _FREE_TEXT
        if isinstance(each, str) and (holds_secret(key, each) if open_ else is_secret(key, each)):
            found.append(below)
        elif isinstance(each, dict):
            kept[key] = _mapping(each, kind, (*path, key), below, found, free=open_)
        elif isinstance(each, list):
            if open_ and any(isinstance(text, str) and holds_secret("", text) for text in each):
                found.append(below)
            else:
                kept[key] = _list(each, kind, (*path, key), below, found)
        else:
            kept[key] = each
    return kept


def _list(value: list[Any], kind: str, path: tuple[str, ...], place: Withheld, found: list[Withheld]) -> list[Any]:
    merge_key = MERGE_KEYS.get(kind, {}).get(".".join(path[1:]))
    kept: list[Any] = []
    for each in value:
        if not isinstance(each, dict) or merge_key != "name":
            kept.append(each)
            continue
        name = str(each[merge_key])
        identity = "k:" + json.dumps({merge_key: name}, separators=(",", ":"))
        below = Withheld((*place.path[:-1], f"{place.path[-1]}[{name}]"), (*place.owned, identity))
        if path[-1] == "env" and isinstance(each.get("value"), str) and holds_secret(name, each["value"]):
            found.append(below)
        else:
            kept.append(_mapping(each, kind, path, below, found, free=False))
    return kept


def holds_secret(key: str, value: str) -> bool:
    """Whether a text is a secret by its key or its look, or has one among its options."""
    return is_secret(key, value) or any(is_secret(*_option(each)) for each in value.split())


def _option(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key.removeprefix("-D").lstrip("-"), value


def within(fields: Object, kept: Iterable[Withheld]) -> Object:
    """The part of an entry's ``fieldsV1`` that owns what is withheld; empty if it owns none of it."""
    left: Object = {}
    for each in kept:
        owned: Any = fields
        for step in each.owned:
            owned = owned.get(step) if isinstance(owned, dict) else None
        if owned is None:
            continue
        target = left
        for step in each.owned[:-1]:
            target = target.setdefault(step, {})
        target[each.owned[-1]] = owned
    return left
