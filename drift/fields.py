"""The fields in which two forms of an object differ, and who owns them in the live one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adopt.snapshot import Object
from config.files import show_path
from config.merge_keys import MERGE_KEYS

_JOB = "spec.jobTemplate.spec."
"""What stands in a CronJob where other workloads have ``spec.``."""
ABSENT: Any = ...
"""The value of a field that is not there."""


@dataclass(frozen=True)
class Element:
    """A step into a list: to the element with a value under the list's merge key."""

    key: str
    value: object


Steps = tuple[str | Element, ...]
"""The way to a field."""


def differing(live: Object, wanted: Object) -> Iterator[tuple[Steps, Any, Any]]:
    """Each field in which an object differs, with its value in the live and in the wanted form.

    Elements of a list are found by its merge key, wherever they stand; a list without one is a single field.
    """
    kind = str(wanted.get("kind"))
    yield from _differing("Deployment" if kind == "CronJob" else kind, (), live, wanted)


def shown(steps: Steps) -> str:
    """``spec.template.spec.containers[gateway].image``."""
    text = ""
    for step in steps:
        if isinstance(step, Element):
            text += f"[{step.value}]"
        else:
            part = show_path((step,))
            text += part if part.startswith("[") or not text else f".{part}"
    return text


def owners(live: Object, steps: Steps) -> list[str]:
    """The field managers that own a field of a live object, by name; none where it is not there."""
    entries = live["metadata"].get("managedFields") or ()
    return sorted({str(each.get("manager")) for each in entries if _owns(each.get("fieldsV1") or {}, steps)})


def _owns(fields: Any, steps: Steps) -> bool:  # noqa: ANN401 - JSON
    for step in steps:
        below = _below(fields, step)
        if below is None:
            return False
        if below == {}:  # a leaf here: all that is below is one field to the API server
            return True
        fields = below
    return True


def _below(fields: Mapping[str, Any], step: str | Element) -> Any:  # noqa: ANN401 - JSON
    if isinstance(step, str):
        return fields.get(f"f:{step}")
    for key, below in fields.items():
        if key.startswith("k:") and json.loads(key[2:]).get(step.key) == step.value:
            return below
    return None


def _differing(kind: str, steps: Steps, live: Any, wanted: Any) -> Iterator[tuple[Steps, Any, Any]]:  # noqa: ANN401 - JSON
    if live == wanted:
        return
    key = _merge_key(kind, steps)
    if isinstance(live, Mapping) and isinstance(wanted, Mapping):
        for name in dict.fromkeys([*wanted, *live]):
            yield from _differing(kind, (*steps, name), live.get(name, ABSENT), wanted.get(name, ABSENT))
    elif key and isinstance(live, list) and isinstance(wanted, list):
        old, new = _by_key(live, key), _by_key(wanted, key)
        if old is None or new is None:
            yield steps, live, wanted
            return
        for value in dict.fromkeys([*new, *old]):
            yield from _differing(kind, (*steps, Element(key, value)), old.get(value, ABSENT), new.get(value, ABSENT))
    else:
        yield steps, live, wanted


def _merge_key(kind: str, steps: Steps) -> str | None:
    path = ".".join(step for step in steps if isinstance(step, str)).replace(_JOB, "spec.", 1)
    return MERGE_KEYS.get(kind, {}).get(path)


def _by_key(elements: list[Any], key: str) -> dict[Any, Any] | None:
    """The elements by their merge key; None where one has none, or two have the same."""
    if not all(isinstance(each, Mapping) and key in each for each in elements):
        return None
    found = {each[key]: each for each in elements}
    return found if len(found) == len(elements) else None
