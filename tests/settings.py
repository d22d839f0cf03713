"""Settings for tests: a shipped stack, with single keys changed."""

import copy
from pathlib import Path

from config import CATALOGUE, StackSettings, load, read_stack
from config.files import read_yaml
from config.load import Source

ROOT = Path(__file__).parent.parent
REMOVED = object()
"""As a value in ``changes``: the key is taken out."""


def settings(stack: str = "uat", changes: dict[str, object] | None = None, root: Path = ROOT) -> StackSettings:
    """The settings of a shipped stack with changes by key path.

    Args:
        stack: the stack's name.
        changes: key path (``services.gateway.replicas``; ``services.gateway.ingress.paths.0.path``) to new value.
        root: the folder with the stack file.
    """
    return load(source(stack, changes, root), read_yaml(CATALOGUE), secrets="generated")


def source(stack: str = "uat", changes: dict[str, object] | None = None, root: Path = ROOT) -> Source:
    """What a shipped stack says, with changes by key path."""
    read = read_stack(stack, root)
    values = copy.deepcopy(dict(read.values))
    for path, value in (changes or {}).items():
        change(values, path.split("."), value)
    return Source(read.stack, values, read.secrets, read.file, read.problems)


def change(values: object, path: list[str], value: object) -> None:
    """Set the value at a key path in place, or take it out."""
    for part in path[:-1]:
        if isinstance(values, list):
            values = values[int(part)]
        elif isinstance(values, dict):
            if values.get(part) is None:
                values[part] = {}
            values = values[part]
    last = path[-1]
    if isinstance(values, list):
        values[int(last)] = value
    elif isinstance(values, dict):
        if value is REMOVED:
            del values[last]
        else:
            values[last] = value
