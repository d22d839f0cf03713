"""What an edit changes of a service's objects: they are built before and after it, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.manifests.metadata import Manifest
from components.manifests.patch import patch_between
from config.patch import KINDS, ORDER
from improvements.fragment import Field, as_far_as, fields_of, shown
from improvements.subject import containers_of

_BOOKKEEPING = "pulumi.com/"
_MOUNTED = ("volumeMounts", "volumeDevices")
_KEYS = {
    "disruption-budget": "disruptionBudget",
    "network-policy": "networkPolicy",
    "service-account": "serviceAccount",
}
"""Roles whose patch has another key."""


@dataclass(frozen=True)
class Effect:
    """What the next `pulumi up` would do because of an edit."""

    created: tuple[str, ...]
    """Objects that are new: ``PodDisruptionBudget/file``."""
    deleted: tuple[str, ...]
    """Objects that go."""
    fields: tuple[str, ...]
    """Fields that change: ``deployment: spec.strategy.rollingUpdate.maxSurge``; never their values."""
    restarts: bool
    """Whether the pod template changes, which replaces every pod, one after the other."""


def effect(before: Mapping[str, Manifest], after: Mapping[str, Manifest]) -> Effect:
    """Compare a service's objects by role before and after an edit."""
    return Effect(
        created=tuple(_named(after[role]) for role in after if role not in before),
        deleted=tuple(_named(before[role]) for role in before if role not in after),
        fields=tuple(field for role in before if role in after for field in _changed(role, before[role], after[role])),
        restarts=_template(before) != _template(after),
    )


def torn(after: Mapping[str, Manifest], *, listed: bool) -> Iterator[str]:
    """What no longer holds together in a pod: a mount without its volume.

    Args:
        after: the objects.
        listed: whether a patch states the pod's volumes as a whole list, which leaves out those of the program.
    """
    mend = "apply volumes" if listed else "let its volumeMounts in the patch name a volume of the pod, such as data"
    pod = after["deployment"]["spec"]["template"]["spec"]
    volumes = {each["name"] for each in pod.get("volumes") or ()}
    for container in containers_of(pod):
        mounts = [mount for key in _MOUNTED for mount in container.get(key) or ()]
        missing = sorted({str(each["name"]) for each in mounts} - volumes)
        if missing:
            mounted = f"the container {container['name']} would mount {', '.join(missing)}"
            yield f"{mounted}, which the pod would not have: {mend}"


def _changed(role: str, before: Manifest, after: Manifest) -> Iterator[str]:
    key = _KEYS.get(role, role)
    patch = patch_between(before, after)
    if patch is None:
        return
    if key in KINDS:
        fields = (as_far_as(each, before) for each in fields_of({key: patch}) if not _is_bookkeeping(each))
        yield from dict.fromkeys(map(shown, fields))
    elif _named(before) != _named(after):
        yield f"{_named(before)} becomes {_named(after)}"


def _is_bookkeeping(field: Field) -> bool:
    """Whether a field is the engine's, or an order, which the elements tell already."""
    return any(part.startswith((_BOOKKEEPING, ORDER)) for part in field)


def _template(objects: Mapping[str, Manifest]) -> object:
    return objects["deployment"]["spec"]["template"]


def _named(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"
