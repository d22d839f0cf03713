"""Secret values as digests: what the contents file may hold of them.

A stored secret is ``{"$secret": tree}``: the shape stays, every leaf becomes ``sha256:…``. Reading an object back,
a leaf whose digest matches what the engine already holds becomes that value again; one that does not stays a digest,
so a changed secret shows as a change without being told.
"""

import hashlib
import json

from sandbox.cloud.wire import Secret, Value, reveal

_MARK = "$secret"


def digested(value: Value) -> Value:
    """Return the JSON form of a value, with the leaves of every `Secret` as digests."""
    match value:
        case Secret():
            return {_MARK: _leaves(reveal(value.value))}
        case dict():
            return {key: digested(item) for key, item in value.items()}
        case list():
            return [digested(item) for item in value]
    return value


def restored(stored: Value, held: Value = None) -> Value:
    """Return a stored value with `Secret` again around what is secret.

    Args:
        stored: what `digested` returned.
        held: the value at the same place that the engine holds, where it holds one.
    """
    match stored:
        case dict() if _MARK in stored:
            return Secret(_matched(stored[_MARK], reveal(held)))
        case dict():
            known = held.value if isinstance(held, Secret) else held
            within = known if isinstance(known, dict) else {}
            return {key: restored(item, within.get(key)) for key, item in stored.items()}
        case list():
            known = held.value if isinstance(held, Secret) else held
            items = known if isinstance(known, list) and len(known) == len(stored) else [None] * len(stored)
            return [restored(item, other) for item, other in zip(stored, items, strict=True)]
    return stored


def _leaves(value: Value) -> Value:
    match value:
        case dict():
            return {key: _leaves(item) for key, item in value.items()}
        case list():
            return [_leaves(item) for item in value]
    return "sha256:" + hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _matched(stored: Value, held: Value) -> Value:
    match stored:
        case dict():
            within = held if isinstance(held, dict) else {}
            return {key: _matched(item, within.get(key)) for key, item in stored.items()}
        case list():
            items = held if isinstance(held, list) and len(held) == len(stored) else [None] * len(stored)
            return [_matched(item, other) for item, other in zip(stored, items, strict=True)]
    return held if held is not None and _leaves(held) == stored else stored
