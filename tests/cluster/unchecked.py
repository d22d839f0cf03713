"""Settings past their own checks: what would be rendered if nobody refused it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from config import StackSettings
from config.files import parse_path
from config.model import Model


def unchecked(settings: StackSettings, key: str, value: object) -> StackSettings:
    """Settings with a value at a key, whether it may be there or not.

    Args:
        settings: accepted ones.
        key: the key's path as reports show it; all keys on the way must be there.
        value: as a stack file says it.
    """
    found: StackSettings = _with(settings, parse_path(key), value)
    return found


def _with(place: Any, path: Sequence[str | int], value: Any) -> Any:
    key, *rest = path
    if isinstance(place, Model):
        name = type(place).model_fields_by_alias()[str(key)]
        return place.model_copy(update={name: _with(getattr(place, name), rest, value) if rest else value})
    if isinstance(place, Mapping):
        return {**place, key: _with(place[key], rest, value) if rest else value}
    index = int(key)
    return (*place[:index], _with(place[index], rest, value) if rest else value, *place[index + 1 :])
