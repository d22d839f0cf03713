"""The merge of a service: the stack's defaults for all, then the catalogue, then the stack's own words."""

from collections.abc import Mapping

from config.files import KeyPath


def deep_merge(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """``over`` laid on ``under``: mappings merge key by key, everything else is replaced, null included."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = deep_merge(below, value)
        else:
            merged[key] = value
    return merged


def has(values: object, path: KeyPath) -> bool:
    """Whether a value, or a null that removes it, stands at ``path``."""
    for part in path:
        if not _holds(values, part):
            return False
        values = values[part]  # type: ignore[index] # _holds has looked: a mapping or a list with this part
    return True


def _holds(values: object, part: str | int) -> bool:
    if isinstance(values, list):
        return isinstance(part, int) and part < len(values)
    return isinstance(values, Mapping) and part in values
