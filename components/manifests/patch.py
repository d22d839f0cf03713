"""Kubernetes' strategic merge patch: what differs between two manifests, and a manifest with a patch applied.

The vocabulary is the API server's own: ``null`` removes a key; a list with a merge key is merged by it, an element with
``$patch: delete`` removes that of the same key, an element ``{$patch: replace}`` makes the others the whole list, and
``$setElementOrder/LIST`` says the order; every other list is replaced. In a mapping, ``$patch: replace`` makes the rest
of it the whole mapping, and ``$patch: delete`` empties it.

Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from components.manifests.metadata import Manifest
from config.merge_keys import REPLACED
from config.patch import ORDER, merge_key

Patch: TypeAlias = dict[str, Any]
"""A strategic merge patch of one object."""
Value: TypeAlias = Any
"""A value of a manifest: one of JSON's, or one known only after creation, which is placed and never looked at."""

_DIRECTIVE = "$patch"
_REPLACE = {_DIRECTIVE: "replace"}
_NAMED_LATER = "imagePullSecrets"
"""A list whose names may be known only after creation: they cannot be compared, so the whole list is stated."""


class PatchError(ValueError):
    """What stands there is no strategic merge patch."""

    def __init__(self, path: tuple[str, ...], rule: str) -> None:
        super().__init__(f"{'.'.join(path) or 'the patch'}: {rule}")


def strategic_merge(manifest: Manifest, patch: Mapping[str, Value]) -> Manifest:
    """The manifest with the patch applied; neither is changed.

    As the API server does it, but for one thing: of a list that is replaced and has two elements with the same merge
    key, the server moves the second one behind the first; here they stay where they are.

    Raises:
        PatchError: the patch is none: an element without its merge key, an unknown directive.
    """
    return _merged(_Field(str(manifest.get("kind"))), manifest, patch)


def patch_between(old: Manifest, new: Manifest) -> Patch | None:
    """The smallest patch with which ``old`` becomes ``new``, the order of lists included; None if they are equal.

    A key that is null is the same as none, as for the API server.
    """
    return _difference(_Field(str(new.get("kind"))), _without_nulls(old), _without_nulls(new)) or None


@dataclass(frozen=True)
class _Field:
    """A field of a kind, for what the API says about merging it."""

    kind: str
    path: tuple[str, ...] = ()

    def below(self, key: str) -> "_Field":
        return _Field(self.kind, (*self.path, key))

    @property
    def merge_key(self) -> str | None:
        return merge_key(self.kind, self.path)

    @property
    def is_replaced(self) -> bool:
        return ".".join(self.path) in REPLACED.get(self.kind, ())


def _merged(field: _Field, old: Mapping[str, Value], patch: Mapping[str, Value]) -> dict[str, Value]:
    directive = patch.get(_DIRECTIVE)
    _check(field, directive)
    if directive == "delete":
        return {}
    if directive == "replace" or field.is_replaced:
        return dict(_taken(patch))
    merged = dict(old)
    for key in dict.fromkeys(each.removeprefix(ORDER) for each in patch if each != _DIRECTIVE):
        below, order = field.below(key), patch.get(ORDER + key, ())
        if order and below.merge_key is None:
            raise PatchError(below.path, f"{ORDER}{key} is for lists that have a merge key, which this one has not")
        if key in patch and patch[key] is None:
            merged.pop(key, None)
        elif key in patch or key in old:
            merged[key] = _merged_value(below, old.get(key), patch.get(key, []), order)
    return merged


def _merged_value(field: _Field, old: Value, patch: Value, order: Sequence[Mapping[str, Value]]) -> Value:
    if isinstance(old, Mapping) and isinstance(patch, Mapping):
        return _merged(field, old, patch)
    if isinstance(old, list) and isinstance(patch, list) and field.merge_key is not None:
        return _merged_list(field, old, patch, order, field.merge_key)
    return _taken(patch)


def _merged_list(
    field: _Field, old: list[Value], patch: list[Value], order: Sequence[Mapping[str, Value]], key: str
) -> list[Value]:
    for element in patch:
        if not isinstance(element, Mapping) or (key not in element and element != _REPLACE):
            raise PatchError(field.path, f"each element must be a mapping with {key}")
        _check(field, element.get(_DIRECTIVE))
    stated = [element for element in patch if _DIRECTIVE not in element]
    if any(element.get(_DIRECTIVE) == "replace" for element in patch):
        return list(_taken(stated))
    removed = [element[key] for element in patch if _DIRECTIVE in element]
    merged = [element for element in old if element.get(key) not in removed]
    for element in stated:
        place = next((index for index, each in enumerate(merged) if each.get(key) == element[key]), None)
        if place is None:
            merged.append(_taken(element))
        else:
            merged[place] = _merged(field, merged[place], element)
    return _in_order(merged, [each[key] for each in order or stated], [each.get(key) for each in old], key)


def _in_order(elements: list[Value], first: Sequence[Value], before: Sequence[Value], key: str) -> list[Value]:
    """Elements as the API server orders them: those of ``first`` in that order, the others as they were.

    One of the others comes before one of ``first`` only if it did so in the old list: so a new one is put in front.
    """
    named = sorted((each for each in elements if each.get(key) in first), key=lambda each: first.index(each[key]))
    others = [each for each in elements if each.get(key) not in first]
    ordered = []
    while named and others:
        name, other = named[0][key], others[0].get(key)
        is_earlier = name in before and before.index(other) < before.index(name)
        ordered.append(others.pop(0) if is_earlier else named.pop(0))
    return ordered + named + others


def _difference(field: _Field, old: Mapping[str, Value], new: Mapping[str, Value]) -> Patch:
    """The patch between two mappings; empty if they are equal."""
    patch: Patch = {key: None for key in old if key not in new}
    for key, value in new.items():
        below = field.below(key)
        if key not in old:
            patch[key] = value
        elif old[key] == value:
            continue
        elif isinstance(value, Mapping) and isinstance(old[key], Mapping):
            patch[key] = dict(value) if below.is_replaced else _difference(below, old[key], value)
        elif isinstance(value, list) and isinstance(old[key], list) and below.merge_key is not None:
            patch |= _list_difference(below, old[key], value, below.merge_key)
        else:
            patch[key] = value
    return patch


def _list_difference(field: _Field, old: list[Value], new: list[Value], key: str) -> Patch:
    """The patch between two lists that differ, as keys of the mapping that holds them.

    Where a key is not unique (one port for TCP and UDP), merging by it would change the wrong element: the whole list
    is stated, as it is where nothing of the old one stays.
    """
    name = field.path[-1]
    old_keys, new_keys = ([element.get(key) for element in each] for each in (old, new))
    kept = [each for each in old_keys if each in new_keys]
    if not _unique(old_keys) or not _unique(new_keys) or name == _NAMED_LATER or (old and not kept):
        return {name: [*new, _REPLACE]}
    before = dict(zip(old_keys, old, strict=True))
    elements = [
        {key: each[key], **_difference(field, before[each[key]], each)} if each[key] in before else each
        for each in new
        if before.get(each[key]) != each
    ]
    elements += [{_DIRECTIVE: "delete", key: each} for each in old_keys if each not in new_keys]
    patch = {name: elements} if elements else {}
    if [each[key] for each in _merged_list(field, old, elements, (), key)] != new_keys:
        patch = {ORDER + name: [{key: each} for each in new_keys], **patch}
    return patch


def _unique(keys: Sequence[Value]) -> bool:
    """Whether every element has a key of its own."""
    return None not in keys and len(set(keys)) == len(keys)


def _check(field: _Field, directive: object) -> None:
    if directive not in (None, "replace", "delete"):
        raise PatchError(field.path, f"$patch must be delete or replace; it is {directive!r}")


def _taken(patch: Value) -> Value:
    """A value of a patch where there is nothing to merge it with: without nulls and directives."""
    if isinstance(patch, Mapping):
        return {key: _taken(value) for key, value in patch.items() if value is not None and not key.startswith("$")}
    if isinstance(patch, list):
        return [_taken(each) for each in patch if not (isinstance(each, Mapping) and _DIRECTIVE in each)]
    return patch


def _without_nulls(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value
