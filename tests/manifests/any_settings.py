"""Stacks as somebody might write them: the shipped uat with some keys set to any value that their type accepts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_type_hints

from hypothesis import strategies as st

from config import CATALOGUE, SettingsError, StackSettings, load
from config.files import YamlFile, parse_path, read_yaml
from config.stack import Sections
from tests.manifests.model_values import Field, fields, inside
from tests.settings import REMOVED, source

Changes = dict[tuple[str, ...], Any]


def _base() -> dict[str, object]:
    """Three services are enough: one with Ingress and autoscaler, one with an EIP, one with files."""
    return {f"services.{name}": REMOVED for name in ("exam", "file", "resource", "study")} | {
        "services.admin.service": {"port": 80},
        "services.admin.configFiles": {"application.yml": "a: 1"},
        "services.admin.probes": {"type": "http"},
    }


def accepted(changes: Changes) -> StackSettings:
    """The settings with these changes.

    Raises:
        SettingsError: they are refused.
    """
    stated = source("uat", _base())
    for path, value in changes.items():
        place: Any = stated.values
        for part in path[:-1]:
            if place.get(part) is None:
                place[part] = {}
            place = place[part]
        place[path[-1]] = value
    return load(stated, _catalogue(), secrets="generated")


def nearest_accepted(changes: Changes) -> tuple[StackSettings, Changes]:
    """The settings with these changes, without those that their report objects to; and what is left of them.

    Many rules join two keys, so few random stacks would pass as a whole.
    """
    left = dict(changes)
    while True:
        try:
            return accepted(left), left
        except SettingsError as error:
            wrong = [parse_path(each.path.removeprefix("ack-platform:")) for each in error.problems]
            blamed = [path for path in left if any(_within(path, other) for other in wrong)]
            for path in blamed or [next(reversed(left))]:
                del left[path]


@cache
def all_fields() -> tuple[Field, ...]:
    """Every key of the base stack, those of its services too."""
    settings = accepted({})
    hints = get_type_hints(Sections, include_extras=True)
    found: list[Field] = []
    for alias, name in Sections.model_fields_by_alias().items():
        found.append(Field((alias,), hints[name]))
        found += fields(getattr(settings, name), (alias,))
    for name, service in settings.services.items():
        found += fields(service, ("services", name))
    return tuple(found)


@st.composite
def changes(draw: st.DrawFn) -> Changes:
    """One to twelve keys with values that their types accept; no key below another."""
    chosen: Changes = {}
    for field in draw(st.lists(st.sampled_from(all_fields()), min_size=1, max_size=12, unique_by=_path)):
        if not any(_within(field.path, other) for other in chosen):
            chosen[field.path] = draw(inside(field.hint), label=field.shown)
    return chosen


def shown(left: Changes) -> Iterator[str]:
    """The changes as lines of ``key: value``."""
    yield from (f"{'.'.join(path)}: {value!r}" for path, value in left.items())


def _path(field: Field) -> tuple[str, ...]:
    return field.path


def _within(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


@cache
def _catalogue() -> YamlFile:
    return read_yaml(CATALOGUE)
