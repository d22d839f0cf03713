"""The state that a recorded run of the program leaves, as `pulumi stack export` prints it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.recorder import Recording, Secret

SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


def exported(recording: Recording, *, pending: tuple[str, ...] = (), **more: dict[str, Any]) -> str:
    """The state.

    Args:
        recording: The run.
        pending: Names of resources at whose creation it was cut off.
        more: Fields to add, by the resource's name with `_` for `-`.
    """
    resources = [
        {
            "urn": each.urn,
            "custom": each.custom,
            "type": each.type,
            "inputs": _encrypted(each.inputs),
            **({"id": each.read_id or f"id-of-{each.name}"} if each.custom else {}),
            **({"external": True} if each.read_id else {}),
            **more.get(each.name.replace("-", "_"), {}),
        }
        for each in recording.resources
    ]
    cut_off = [each for each in resources if each["urn"].rpartition("::")[2] in pending]
    deployment = {
        "resources": [each for each in resources if each not in cut_off],
        "pending_operations": [{"resource": {**each, "id": ""}, "type": "creating"} for each in cut_off],
    }
    return json.dumps({"version": 3, "deployment": deployment})


def exported_objects(stack: str, objects: Iterable[dict[str, Any]]) -> str:
    """The state of a stack that owns these Kubernetes objects."""
    resources = []
    for number, stated in enumerate(objects):
        type_ = f"kubernetes:{stated['apiVersion']}:{stated['kind']}"
        urn = f"urn:pulumi:{stack}::ack-platform::{type_}::object-{number}"
        resources.append({"urn": urn, "custom": True, "type": type_, "inputs": stated, "id": str(number)})
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def _encrypted(value: Any) -> Any:
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "ciphertext": "v1:aaaa:bbbb"}
    if isinstance(value, dict):
        return {key: _encrypted(each) for key, each in value.items()}
    return [_encrypted(each) for each in value] if isinstance(value, list) else value
