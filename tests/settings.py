"""Settings for tests: a shipped stack, with single keys changed."""

import copy
from pathlib import Path
from typing import Any

from config import CATALOGUE, StackSettings, load, read_stack
from config.files import KeyPath, parse_path, read_yaml
from config.load import Source

ROOT = Path(__file__).parent.parent
REMOVED = object()
"""As a value in ``changes``: the key is taken out."""


def settings(stack: str = "uat", changes: dict[str, object] | None = None, root: Path = ROOT) -> StackSettings:
    """The settings of a shipped stack with changes by key path.

    Args:
        stack: the stack's name.
        changes: key path as reports show it (``services.gateway.ingress.paths[0].path``) to new value.
        root: the folder with the stack file.
    """
    return load(source(stack, changes, root), read_yaml(CATALOGUE), secrets="generated")


def source(stack: str = "uat", changes: dict[str, object] | None = None, root: Path = ROOT) -> Source:
    """What a shipped stack says, with changes by key path."""
    read = read_stack(stack, root)
    values = copy.deepcopy(dict(read.values))
    for path, value in (changes or {}).items():
        change(values, parse_path(path), value)
    return Source(read.stack, values, read.secrets, read.file, read.problems)


def change(values: Any, path: KeyPath, value: object) -> None:
    """Set the value at a key path in place, or take it out; mappings on the way are made."""
    *above, last = path
    for part in above:
        if isinstance(values, dict) and values.get(part) is None:
            values[part] = {}
        values = values[part]
    if value is REMOVED:
        del values[last]
    else:
        values[last] = copy.deepcopy(value)  # a further change may go into it
