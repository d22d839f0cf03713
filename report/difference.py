"""What differs between two inputs: named elements of lists by their names, order and bookkeeping left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from report.steps import SECRET, UNKNOWN

Path = tuple[str, ...]
Kind = Literal["added", "removed", "changed"]


class _Absent:
    """The value of what is not there; None is a value."""


ABSENT: Final = _Absent()
_KEYS = ("name", "mountPath", "containerPort", "conditionType", "topologyKey", "port", "host", "path", "type")
"""What names an element of a Kubernetes list, best first."""
_BOOKKEEPING = "pulumi.com/"


@dataclass(frozen=True)
class Difference:
    """One property that differs."""

    path: Path
    """Where it stands; an element of a list by its name: ``("spec", "containers", "gateway", "image")``."""
    old: Any
    """Its value before; `ABSENT` where it is new."""
    new: Any
    """Its value after; `ABSENT` where it goes."""

    @property
    def kind(self) -> Kind:
        """Whether it appears, goes, or gets another value."""
        if self.old is ABSENT:
            return "added"
        return "removed" if self.new is ABSENT else "changed"

    def below(self, *path: str) -> bool:
        """Whether it stands below a path, or at it."""
        return self.path[: len(path)] == path


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:  # noqa: ANN401 - any JSON value
    """Yield what differs, in the order of its keys."""
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _by_key(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, path)
    else:
        yield Difference(path, old, new)


def _by_key(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    for key in sorted({*old, *new}):
        if key.startswith(_BOOKKEEPING) and path[-1:] == ("annotations",):
            continue
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if _empty(before) and _empty(after):
            continue
        if isinstance(before, Mapping) and after is ABSENT and path[-1:] == ("metadata",):
            after = {}
        elif isinstance(after, Mapping) and before is ABSENT and path[-1:] == ("metadata",):
            before = {}
        yield from differences(before, after, (*path, key))


def _lists(old: list[Any], new: list[Any], path: Path) -> Iterator[Difference]:
    before, after = _named(old), _named(new)
    if before is not None and after is not None:
        for key in dict.fromkeys([*before, *after]):
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif sorted(map(repr, old)) != sorted(map(repr, new)):
        yield Difference(path, old, new)


def _named(elements: list[Any]) -> dict[str, Any] | None:
    """The elements by their names; None where they have none, or two have the same."""
    for key in _KEYS:
        names = [each.get(key) if isinstance(each, Mapping) else None for each in elements]
        if None not in names and len(set(map(str, names))) == len(names):
            return dict(zip(map(str, names), elements, strict=True))
    return None


def _empty(value: object) -> bool:
    return value is ABSENT or value is None or value in ({}, [])


def shown(value: object) -> str:
    """A value for people."""
    if value is ABSENT:
        return "unset"
    if value == UNKNOWN:
        return "known after the up"
    if value == SECRET:
        return "a secret"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
