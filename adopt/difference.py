"""What a built object would change of the live one: the API server says it, for only it knows what it fills in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adopt.connection import MERGE, Connection, RefusedError
from adopt.controllers import is_controllers
from adopt.server import path_to
from adopt.snapshot import Object
from adopt.withheld import Withheld, withhold
from components.manifests.metadata import Manifest
from components.manifests.patch import Patch, patch_between, strategic_merge

BOOKKEEPING = "pulumi.com/"
"""Annotations that tell the engine what to do; they come with the ownership, and change no object."""
_WRITTEN_BY_OTHERS = (
    "alb.ingress.kubernetes.io/hash",
    "deployment.kubernetes.io/",
    "kubectl.kubernetes.io/last-applied-configuration",
    "service.beta.kubernetes.io/hash",
    "service.k8s.alibaba/",
)
"""Labels and annotations of an object that controllers and kubectl keep for themselves.

Source: https://github.com/alibaba/alibaba-load-balancer-controller
"""
_DRY_RUN = {"dryRun": "All", "fieldManager": "ack-platform"}


@dataclass
class Difference:
    """What stands between a built object and the live one."""

    wanted: Object
    """The live object as the program is to state it: without what the server and controllers write, and without
    secrets."""
    patch: Patch | None
    """With it the built object becomes the live one; None if it is that already."""
    withheld: list[Withheld] = field(default_factory=list)
    """The fields that stay with their present owners."""
    unequal: Patch | None = None
    """What would still change with the patch; None as it must be."""
    said: str = ""
    """The server's words, where it refused to judge."""


def difference(connection: Connection, built: Manifest, live: Object, unstated: Iterable[str] = ()) -> Difference:
    """The patch between a built object and the live one, and whether it makes them equal.

    Args:
        connection: to the cluster; nothing is changed there.
        built: what the program makes of the settings, without any patch.
        live: the live object.
        unstated: keys of the specification that the program leaves to others: ``replicas`` under an autoscaler.
    """
    wanted, withheld = withhold(stated(live, live, unstated))
    plain = _without_bookkeeping(built)
    try:
        would_be = stated(_would_be(connection, plain, live), live, unstated)
    except RefusedError as error:
        patch = patch_between(stated(plain, live, unstated), wanted)
        return Difference(wanted, patch, withheld, said=str(error))
    patch = patch_between(would_be, wanted)
    found = Difference(wanted, patch, withheld)
    if patch is None:
        return found
    for candidate in (patch, patch_between(stated(plain, live, unstated), wanted)):
        patched = strategic_merge(plain, candidate or {})
        try:
            becomes = _would_be(connection, patched, live)
        except RefusedError as error:
            becomes, found.said = patched, str(error)
        found.patch = patch_between(plain, patched)  # without what only the server has
        found.unequal = patch_between(stated(becomes, live, unstated), wanted)
        if found.unequal is None:
            break
    return found


def stated(object_: Object, live: Object, unstated: Iterable[str] = ()) -> Object:
    """The part of an object that a program states: no status, nothing that only controllers or the server write."""
    metadata: Object = {key: object_["metadata"][key] for key in ("name", "namespace") if key in object_["metadata"]}
    for part in ("labels", "annotations"):
        values = object_["metadata"].get(part) or {}
        metadata[part] = {key: value for key, value in values.items() if not _others(live, part, key)}
    rest = {key: value for key, value in object_.items() if key not in ("metadata", "status")}
    if "spec" in rest:
        rest["spec"] = {key: value for key, value in rest["spec"].items() if key not in unstated}
    return {"metadata": metadata, **rest}


def _others(live: Object, part: str, key: str) -> bool:
    """Whether a label or annotation of an object is the engine's, or only controllers write it."""
    if key.startswith((BOOKKEEPING, *_WRITTEN_BY_OTHERS)):
        return True
    owners = [
        each
        for each in live["metadata"].get("managedFields") or ()
        if f"f:{key}" in ((each.get("fieldsV1") or {}).get("f:metadata") or {}).get(f"f:{part}", {})
    ]
    return bool(owners) and all(map(is_controllers, owners))


def _would_be(connection: Connection, built: Manifest, live: Object) -> Object:
    """What the live object would become, everything filled in that the server fills in."""
    return connection.patch(path_to(live), _merge_patch(built, live), MERGE, _DRY_RUN)


def _merge_patch(built: Manifest, live: Object) -> Object:
    """The JSON merge patch that turns the live object into the built one; what only others write is left alone."""
    bare = stated(live, live)
    patch = {key: value for key, value in built.items() if key not in ("metadata", "apiVersion", "kind")}
    metadata = {
        part: _nulled(built["metadata"].get(part) or {}, bare["metadata"].get(part) or {})
        for part in ("labels", "annotations")
    }
    nulled = _nulled(
        patch, {key: value for key, value in bare.items() if key not in ("metadata", "apiVersion", "kind")}
    )
    return {"metadata": metadata, **nulled}


def _nulled(new: Mapping[str, Any], old: Mapping[str, Any]) -> Object:
    """The new mapping with a null for each key that only the old one has."""
    merged: Object = dict.fromkeys((key for key in old if key not in new), None)
    for key, value in new.items():
        below = old.get(key)
        merged[key] = _nulled(value, below) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return merged


def _without_bookkeeping(built: Manifest) -> Manifest:
    notes = built["metadata"].get("annotations") or {}
    kept = {key: value for key, value in notes.items() if not key.startswith(BOOKKEEPING)}
    return {**built, "metadata": {**built["metadata"], "annotations": kept}}
