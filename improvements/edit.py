"""An edit of a service's entry in a stack file: settings that get another value, and parts of its patch that go."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import ValidationError

from config.files import KeyPath
from config.merge import deep_merge
from config.service import Service
from improvements.fragment import Field, without

Values: TypeAlias = dict[str, Any]
"""Settings as they stand in a file."""
Entry: TypeAlias = Any
"""A service's entry, or a part of it: plain, or as a YAML library holds it."""


@dataclass(frozen=True)
class Edit:
    """What an improvement does to a service's entry."""

    settings: Mapping[tuple[str, ...], object] = field(default_factory=dict)
    """Settings of the service and the values that they get."""
    dropped: Collection[Field] = ()
    """Fields of the patch that go: the program's own way takes over."""
    needs: str = ""
    """What must be told first; empty where nothing must."""


def changed(own: Mapping[str, object], under: Mapping[str, object], edit: Edit) -> Values:
    """A service's entry after an edit; neither argument is changed.

    Args:
        own: the entry in the stack file.
        under: what holds where the entry says nothing: the stack's defaults and the catalogue.
        edit: the edit.
    """
    entry = copy.deepcopy(dict(own))
    change(entry, under, edit)
    return entry


def change(
    entry: Entry, under: Mapping[str, object], edit: Edit, node: Callable[[object], object] = copy.deepcopy
) -> None:
    """Edit an entry in place.

    Args:
        entry: the entry, plain or as a YAML library holds it.
        under: what holds where the entry says nothing.
        edit: the edit.
        node: makes a value into what the entry holds.
    """
    if isinstance(entry.get("patch"), Mapping):
        without(entry["patch"], edit.dropped)
        if not entry["patch"]:
            del entry["patch"]
    for path, value in edit.settings.items():
        if _value(under, entry, path) != value:
            bare = copy.deepcopy(entry)
            _remove(bare, path)
            if _value(under, bare, path) == value:
                _remove(entry, path)
            else:
                _set(entry, path, value, node)  # in its place: order, and a comment beside it, stay


def _value(under: Mapping[str, object], entry: Mapping[str, object], path: KeyPath) -> object:
    """The value that a setting has, the model's defaults included; ``...`` where the entry is not one."""
    try:
        model = Service.model_validate_json(json.dumps(deep_merge(under, entry)))
    except ValidationError:
        return ...
    value: Any = model.model_dump(mode="json", by_alias=True)
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _remove(entry: Entry, path: tuple[str, ...]) -> None:
    """Take a setting out, and the mappings above it that then say nothing."""
    first, *rest = path
    if first not in entry:
        return
    if rest and isinstance(entry[first], Mapping):
        _remove(entry[first], tuple(rest))
        if entry[first]:
            return
    elif rest:
        return
    del entry[first]


def _set(entry: Entry, path: tuple[str, ...], value: object, node: Callable[[object], object]) -> None:
    first, *rest = path
    if not rest:
        old = entry.get(first)
        quoted = isinstance(old, str) and isinstance(value, str) and type(old) is not str
        entry[first] = type(old)(value) if quoted else node(value)
    elif isinstance(entry.get(first), Mapping):
        _set(entry[first], tuple(rest), value, node)
    else:
        nested: object = value
        for part in reversed(rest):
            nested = {part: nested}
        entry[first] = node(nested)
