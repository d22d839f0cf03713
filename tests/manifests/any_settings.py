"""Stacks as somebody might write them: a shipped one with some keys set to any value that their type accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_type_hints

from hypothesis import strategies as st

from config import CATALOGUE, SettingsError, StackSettings, load
from config.files import YamlFile, parse_path, read_yaml
from config.model import Model
from config.stack import Sections
from tests.manifests.model_values import Field, fields, inside
from tests.program.stacks import FOLDERS
from tests.settings import REMOVED, source


@dataclass(frozen=True)
class Stack:
    """A shipped stack with changes by key path."""

    name: str
    changes: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def settings(self) -> StackSettings:
        """The settings.

        Raises:
            SettingsError: they are refused.
        """
        stated = source(self.name, _three_services(), FOLDERS[self.name])
        for path, value in self.changes.items():
            place: Any = stated.values
            for part in path[:-1]:
                if place.get(part) is None:
                    place[part] = {}
                place = place[part]
            place[path[-1]] = value
        return load(stated, _catalogue(), secrets="generated")

    def nearest_accepted(self) -> tuple[StackSettings, Stack]:
        """The settings without those changes that their report objects to, and the stack that has them.

        Many rules join two keys, so few random stacks would pass as a whole.
        """
        left = dict(self.changes)
        while True:
            stack = Stack(self.name, left)
            try:
                return stack.settings(), stack
            except SettingsError as error:
                wrong = [parse_path(each.path.removeprefix("ack-platform:")) for each in error.problems]
                blamed = [path for path in left if any(within(path, other) for other in wrong)]
                for path in blamed or [next(reversed(left))]:
                    del left[path]

    def __str__(self) -> str:
        return "\n".join([self.name, *(f"  {'.'.join(path)}: {value!r}" for path, value in self.changes.items())])


@cache
def all_fields(stack: str) -> tuple[Field, ...]:
    """Every key of a shipped stack, those of three of its services too."""
    settings = Stack(stack).settings()
    hints = get_type_hints(Sections, include_extras=True)
    found: list[Field] = []
    for alias, name in Sections.model_fields_by_alias().items():
        found.append(Field((alias,), hints[name]))
        section = getattr(settings, name)
        found += fields(section, (alias,)) if isinstance(section, Model) else []
    for name, service in settings.services.items():
        found += fields(service, ("services", name))
    return tuple(found)


@st.composite
def stacks(draw: st.DrawFn, about: frozenset[str] | None = None) -> Stack:
    """A shipped stack with one to twelve keys changed to values that their types accept; no key below another.

    Args:
        about: words of which a key's path has one; None for any key.
    """
    name = draw(st.sampled_from(sorted(FOLDERS)))
    known = [each for each in all_fields(name) if about is None or about & set(each.path)]
    chosen: dict[tuple[str, ...], Any] = {}
    for each in draw(st.lists(st.sampled_from(known), min_size=1, max_size=12)):
        if not any(within(each.path, other) for other in chosen):
            chosen[each.path] = draw(inside(each.hint), label=each.shown)
    return Stack(name, chosen)


def within(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether one key path is, or is above or below, the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _three_services() -> dict[str, object]:
    """Three are enough: one with Ingress and autoscaler, one with an EIP, one with files."""
    return {f"services.{name}": REMOVED for name in ("exam", "file", "resource", "study")} | {
        "services.admin.service": {"port": 80},
        "services.admin.configFiles": {"application.yml": "a: 1"},
        "services.admin.probes": {"type": "http"},
    }


@cache
def _catalogue() -> YamlFile:
    return read_yaml(CATALOGUE)
