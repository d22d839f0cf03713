"""Shipped stack files with single values changed, and the reports that they lead to."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from config import Problem, SettingsError, StackSettings
from config.files import YamlFile, parse_path, read_yaml
from config.load import CATALOGUE, Source, load, read_stack
from tests.settings import REMOVED, ROOT, change

__all__ = ["REMOVED", "ROOT", "Changes", "changed", "load_changed", "problems_of"]

Changes = Mapping[str, Any]


@cache
def _shipped(stack: str) -> Source:
    return read_stack(stack, ROOT)


@cache
def _catalogue() -> YamlFile:
    return read_yaml(CATALOGUE)


def changed(values: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """A deep copy with values set, or keys removed, by their shown path; mappings on the way are made."""
    result: dict[str, Any] = copy.deepcopy(dict(values))
    for shown, value in changes.items():
        change(result, parse_path(shown), value)
    return result


def load_changed(changes: Changes, stack: str = "test") -> StackSettings:
    """Load a shipped stack with changes."""
    source = _shipped(stack)
    return load(replace(source, values=changed(source.values, changes)), _catalogue(), secrets="generated")


def problems_of(changes: Changes, stack: str = "test") -> Sequence[Problem]:
    """Load a shipped stack with changes that must be refused; the problems, paths without the project's prefix."""
    with pytest.raises(SettingsError) as raised:
        load_changed(changes, stack)
    return [replace(each, path=each.path.removeprefix("ack-platform:")) for each in raised.value.problems]
