"""What the program asks of Kubernetes, and in which order: taken from the program itself, under the recorder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.cluster.api import Object
from tests.recorder import Recording, Registered, Secret

_RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class Step:
    """One object of a stack.

    Attributes:
        name: The resource's logical name.
        urn: The engine's name of it.
        stated: The object as the program states it.
        after: Names of the steps that it needs: they come up before it and go after it.
        retained: Whether it stays when the stack goes.
    """

    name: str
    urn: str
    stated: Object
    after: frozenset[str]
    retained: bool


def steps(recording: Recording) -> dict[str, Step]:
    """The Kubernetes objects that a recorded run creates, by logical name.

    What is no Kubernetes object (the cloud's resources, components, a Helm release, what is only read) is left out, and
    whoever needs it needs what it needs.
    """
    resources = {each.name: each for each in recording.resources}
    wanted = {name for name, each in resources.items() if _is_object(each)}
    return {
        name: Step(
            name,
            resources[name].urn,
            _plain(resources[name].inputs),
            frozenset(_needs(name, resources, wanted)),
            retained=resources[name].retain_on_delete,
        )
        for name in sorted(wanted)
    }


def lookups(recording: Recording) -> list[Object]:
    """The Kubernetes objects that a recorded run only reads: apiVersion, kind, name and namespace of each."""
    return [_looked_up(each.type, each.read_id) for each in recording.resources if each.read_id is not None]


def _looked_up(type_: str, identity: str) -> Object:
    _, version, kind = type_.split(":")
    namespace, _, name = identity.rpartition("/")
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version.removeprefix("core/"), "kind": kind, "metadata": metadata}


def _is_object(resource: Registered) -> bool:
    return resource.type.startswith("kubernetes:") and resource.type != _RELEASE and resource.read_id is None


def _needs(name: str, resources: dict[str, Registered], wanted: set[str]) -> Iterator[str]:
    parent = resources.get(resources[name].parent)
    # A component is no step of the engine's: it is registered before its children, and needs nothing.
    direct = {*resources[name].dependencies, *([parent.name] if parent and parent.custom else [])}
    for each in direct:
        if each in wanted:
            yield each
        elif each in resources:
            yield from _needs(each, resources, wanted)


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
