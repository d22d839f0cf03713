"""Elements that a patch would add because their key names none that the settings make: they must be whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from config.errors import Problem
from config.files import KeyPath, show_path
from config.patch import Patch
from config.registration import SIDECAR_NAME
from config.stack import StackSettings

_REPLACE = {"$patch": "replace"}
_POD = ("spec", "template", "spec")


@dataclass(frozen=True)
class _List:
    """A list that is merged by a key, with the one element that the settings make, and what the API asks of each."""

    role: str
    field: tuple[str, ...]
    key: str
    made: JsonValue
    required: str


def check(settings: StackSettings) -> Iterator[Problem]:
    """Containers without an image and ports without a name: a patch for another name or port than the settings have.

    The API server refuses them, as it takes them for new ones.
    """
    for name, service in settings.services.items():
        sidecar = SIDECAR_NAME if settings.registration_mode(name) == "sidecar" else None
        port = None if service.service is None else service.service.port
        for each in (
            _List("deployment", (*_POD, "containers"), "name", settings.container(name), "image"),
            _List("deployment", (*_POD, "initContainers"), "name", sidecar, "image"),
            _List("service", ("spec", "ports"), "port", port, "name"),
        ):
            yield from _incomplete(
                ("services", name, "patch", each.role), service.patch.stated.get(each.role, {}), each
            )


def _incomplete(path: KeyPath, patch: Patch, of: _List) -> Iterator[Problem]:
    elements: JsonValue = patch
    for part in of.field:
        elements = elements.get(part) if isinstance(elements, dict) else None
    if not isinstance(elements, list):
        return
    made = None if _REPLACE in elements else of.made
    for index, element in enumerate(elements):
        if not isinstance(element, dict) or of.key not in element or "$patch" in element:
            continue
        if element[of.key] != made and element.get(of.required) is None:
            shown = f"{of.key} {element[of.key]}"
            rule = f"must state {of.required}: the settings make no element with {shown}, so it would be a new one"
            mend = f"{of.required}: …" if made is None else f"{of.key}: {made}, or {of.required}: …"
            yield Problem(show_path((*path, *of.field, index)), rule, mend)
