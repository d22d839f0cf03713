"""Parts of a service's patch: which there are, and a patch without some of them.

What is left out of a patch is then as the program makes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

from config.patch import KINDS, ORDER, merge_key

Field: TypeAlias = tuple[str, ...]
"""A field of one of a service's objects: the key of its patch, then keys, and of a list's elements their merge keys.

``("deployment", "spec", "template", "spec", "containers", "file", "env", "TZ")``; ``*`` stands for any one of them.
"""
Node: TypeAlias = Any
"""A part of a patch, plain or as a YAML library holds it."""

DIRECTIVE = "$patch"
_REPLACE = {DIRECTIVE: "replace"}


def without(patches: Node, fields: Collection[Field]) -> None:
    """Take fields out of a service's patches, in place, with all that is below them.

    Mappings, elements and orders that say nothing any more go too. ``$patch`` as the last part of a field is the mark
    that makes the elements of a patch the whole list: without it they are merged.
    """
    for role in list(patches):
        if role in KINDS and isinstance(patches[role], Mapping):
            _without(patches[role], _Place(role, (role,), ()), fields)
            if not patches[role]:
                del patches[role]


def fields_of(patches: Mapping[str, Node]) -> Iterator[Field]:
    """The fields that a service's patches are about."""
    for role, patch in patches.items():
        if role in KINDS and isinstance(patch, Mapping):
            yield from _fields(patch, _Place(role, (role,), ()))


def is_in(field: Field, claims: Collection[Field]) -> bool:
    """Whether a field is one of the claims, or below one."""
    return any(
        len(claim) <= len(field) and all(one in ("*", other) for one, other in zip(claim, field, strict=False))
        for claim in claims
    )


def as_far_as(field: Field, manifest: Mapping[str, Node]) -> Field:
    """A field up to its first part that an object has not: what is new is one thing, however much is in it."""
    role, *path = field
    place = _Place(role, (role,), ())
    node: Node = manifest
    for depth, part in enumerate(path, 2):
        if isinstance(node, Mapping):
            place, node = place.below(part), node.get(part)
        elif isinstance(node, list) and place.merge_key is not None:
            node = next((each for each in node if str(each.get(place.merge_key)) == part), None)
        if node is None:
            return field[:depth]
    return field


def shown(field: Field) -> str:
    """``deployment: spec.template.spec.containers[file].env[TZ]``."""
    role, *path = field
    text, above = "", _Place(role, (role,), ())
    in_list = False
    for part in path:
        if in_list:
            text, in_list, above = f"{text}[{part}]", False, _Place(role, (*above.field, part), above.schema)
            continue
        above = above.below(part)
        text += f"[{part}]" if "." in part or "/" in part else f".{part}" if text else part
        in_list = above.merge_key is not None
    return f"{role}: {text}"


class _Place:
    """Where in an object: by identity, and by what the API's schema calls it."""

    def __init__(self, role: str, field: Field, schema: tuple[str, ...]) -> None:
        self.role, self.field, self.schema = role, field, schema

    def below(self, key: str) -> _Place:
        return _Place(self.role, (*self.field, key), (*self.schema, key))

    def element(self, identity: object) -> _Place:
        return _Place(self.role, (*self.field, str(identity)), self.schema)

    @property
    def merge_key(self) -> str | None:
        return merge_key(KINDS[self.role], self.schema)


def _without(patch: Node, place: _Place, fields: Collection[Field]) -> None:
    for key in [each for each in patch if not each.startswith("$")]:
        below, value = place.below(key), patch[key]
        if is_in(below.field, fields):
            gone = True
        elif isinstance(value, Mapping) and value:
            _without(value, below, fields)
            gone = not value
        elif isinstance(value, list) and value and below.merge_key is not None:
            _elements_without(value, below, below.merge_key, fields)
            gone = not value or list(value) == [_REPLACE]
        else:
            continue
        if gone:
            del patch[key]
            patch.pop(ORDER + key, None)
    for key in [each for each in patch if each.startswith(ORDER)]:
        if is_in(place.below(key).field, fields):
            del patch[key]


def _elements_without(elements: Node, place: _Place, key: str, fields: Collection[Field]) -> None:
    whole = _REPLACE in elements
    for index in reversed(range(len(elements))):
        element = elements[index]
        if element == _REPLACE:
            if is_in((*place.field, DIRECTIVE), fields):
                del elements[index]
            continue
        here, size = place.element(element[key]), len(element)
        if is_in(here.field, fields):
            del elements[index]
        elif not whole:
            _without(element, here, fields)
            if len(element) < size and set(element) == {key}:
                del elements[index]


def _fields(patch: Mapping[str, Node], place: _Place) -> Iterator[Field]:
    for key, value in patch.items():
        below = place.below(key)
        if isinstance(value, Mapping) and value and not key.startswith("$"):
            yield from _fields(value, below)
        elif isinstance(value, list) and value and below.merge_key is not None:
            yield from _element_fields(value, below, below.merge_key)
        else:
            yield below.field


def _element_fields(elements: Node, place: _Place, key: str) -> Iterator[Field]:
    whole = _REPLACE in elements
    for element in elements:
        if element == _REPLACE:
            yield (*place.field, DIRECTIVE)
        elif whole or DIRECTIVE in element or set(element) == {key}:
            yield place.element(element[key]).field
        else:
            yield from _fields(
                {name: value for name, value in element.items() if name != key}, place.element(element[key])
            )
