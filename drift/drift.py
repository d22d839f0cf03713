"""The drift of a stack: each object that the cluster has otherwise than the stack would apply it, or has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from adopt.connection import ClusterError, RefusedError
from adopt.controllers import CONTROLLERS
from adopt.difference import BOOKKEEPING
from adopt.snapshot import Object
from adopt.withheld import holds_secret
from components.manifests.metadata import FIELD_MANAGER, Manifest
from components.manifests.platform import ALB_ID, MOUNT_TARGET, platform_objects
from config import StackSettings
from config.image import Image
from drift.fields import ABSENT, Element, Steps, differing, owners, shown

CREATOR = "pulumi-kubernetes"
"""The field manager of what the engine's provider created and has not updated yet."""
MASKED = "(secret)"
_OWN = {FIELD_MANAGER, CREATOR}
_KNOWN_AFTER = (ALB_ID, MOUNT_TARGET)
_SECRET_PARTS = ("data", "stringData")
_KEPT_BY_THE_SERVER = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink")
_AT_ONCE = 8
_CONTAINERS = ("containers", "initContainers")
_CONFLICT, _INVALID = 409, 422


class Server(Protocol):
    """What is asked of the API server."""

    def read(self, api_version: str, kind: str, name: str, namespace: str | None) -> Object | None:
        """An object; None if there is none."""

    def forced(self, manifest: Object) -> Object:
        """What this program would make of an object, whoever owns its fields, without making it."""


@dataclass(frozen=True)
class Field:
    """A field that is not as it is stated."""

    path: str
    """The field, ``spec.template.spec.containers[gateway].image``."""
    stated: Any
    """The stated value; ``...`` where none is."""
    live: Any
    """The live value; ``...`` where there is none."""
    owners: tuple[str, ...]
    """The field managers that wrote the live value; none where it is gone."""


@dataclass(frozen=True)
class Drift:
    """An object that is not as it is stated."""

    kind: str
    name: str
    namespace: str | None
    missing: bool = False
    """Whether there is no such object."""
    fields: tuple[Field, ...] = ()
    """The fields that differ."""
    refused: str = ""
    """The API server's words, where it would not let the object become what is stated."""

    @property
    def called(self) -> str:
        """``Deployment uat/gateway``."""
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


@dataclass(frozen=True)
class Found:
    """The drift of a stack."""

    objects: int
    """How many objects the stack states."""
    drifts: tuple[Drift, ...]
    """Those that are not as stated, in the program's order."""


def find(settings: StackSettings, server: Server, told: Callable[[str], None] = lambda _: None) -> Found:
    """Compare every object that a stack owns with the live one.

    Args:
        settings: the stack's settings.
        server: the API server; nothing is changed there.
        told: is told which object is compared.

    Raises:
        ClusterError: the cluster cannot be asked, the account may not, or nothing of the stack is there.
    """
    stated = list(platform_objects(settings))

    def compared(manifest: Manifest) -> Drift | None:
        told(str(manifest["metadata"]["name"]))
        return _compared(manifest, server)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        drifts = tuple(each for each in pool.map(compared, stated) if each is not None)
    if len(drifts) == len(stated) and all(each.missing for each in drifts):
        raise ClusterError(
            f"Nothing of the stack {settings.stack} is in this cluster",
            said=f"none of its {len(stated)} objects, not even {drifts[0].called}",
            mend="is it the right cluster? --kubeconfig and --context choose it",
        )
    return Found(len(stated), drifts)


def _compared(manifest: Manifest, server: Server) -> Drift | None:
    metadata = manifest["metadata"]
    name, namespace = str(metadata["name"]), metadata.get("namespace")
    kind = str(manifest["kind"])
    try:
        live = server.read(manifest["apiVersion"], kind, name, namespace)
        if live is None:
            return Drift(kind, name, namespace, missing=True)
        wanted = server.forced(_completed(manifest, live))
    except RefusedError as error:
        if error.status in (_CONFLICT, _INVALID):
            return Drift(kind, name, namespace, refused=str(error))
        called = Drift(kind, name, namespace).called
        mend = "the account needs the rights of `pulumi up`: docs/how-to/deployer-rights.md" if error.forbidden else ""
        raise ClusterError(f"{called} cannot be compared", said=str(error), mend=mend) from None
    fields = (*_fields(live, wanted), *_secrets(manifest, live))
    return Drift(kind, name, namespace, fields=fields) if fields else None


def _fields(live: Object, wanted: Object) -> Iterator[Field]:
    for steps, now, then in differing(_bare(live), _bare(wanted)):
        by = owners(live, steps)
        if by and set(by) <= set(CONTROLLERS):  # what a controller decides is its own: replicas under an autoscaler
            continue
        hide = _is_secret(steps, now) or _is_secret(steps, then)
        yield Field(shown(steps), MASKED if hide else then, MASKED if hide else now, tuple(by))


def _secrets(manifest: Manifest, live: Object) -> Iterator[Field]:
    """The keys of a Secret whose value is gone, or was written by somebody else; the values are never compared."""
    if manifest["kind"] != "Secret":
        return
    for key in manifest.get("data") or ():
        by = owners(live, ("data", key))
        if key not in (live.get("data") or {}):
            yield Field(shown(("data", key)), MASKED, ABSENT, ())
        elif not _OWN & set(by):
            yield Field(shown(("data", key)), MASKED, MASKED, tuple(by))


def _is_secret(steps: Steps, value: object) -> bool:
    """Whether a value that somebody wrote by hand is one that must not be shown."""
    names = [str(step.value) if isinstance(step, Element) else step for step in steps]
    texts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and holds_secret(name, text) for text in texts for name in names[-2:] or [""])


def _bare(object_: Object) -> Object:
    """An object without status, the server's own notes and the engine's, and without a Secret's content."""
    metadata = {key: value for key, value in object_["metadata"].items() if key not in _KEPT_BY_THE_SERVER}
    notes = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in notes.items() if not key.startswith(BOOKKEEPING)}
    hidden = ("status", *(_SECRET_PARTS if object_.get("kind") == "Secret" else ()))
    return {**{key: value for key, value in object_.items() if key not in hidden}, "metadata": metadata}


def _completed(manifest: Manifest, live: Object) -> Manifest:
    """A manifest with what only the cluster knows: passwords, and what is known after creation, as they are there."""
    found: Manifest = _pinned(_known(manifest, live), live)
    if manifest["kind"] == "Secret":
        data = live.get("data") or {}
        found["data"] = {key: data.get(key, value) for key, value in (manifest.get("data") or {}).items()}
    return found


def _pinned(manifest: Manifest, live: Object) -> Manifest:
    """A Deployment with the digests that its moving tags were resolved to when it was rolled out."""
    if manifest["kind"] != "Deployment":
        return manifest
    pod = manifest["spec"]["template"]["spec"]
    there = live["spec"]["template"]["spec"]
    lists = {
        key: [_with_digest(each, there.get(key) or ()) for each in pod[key]] for key in _CONTAINERS if pod.get(key)
    }
    template = {**manifest["spec"]["template"], "spec": {**pod, **lists}}
    return {**manifest, "spec": {**manifest["spec"], "template": template}}


def _with_digest(container: Manifest, there: Sequence[Manifest]) -> Manifest:
    reference = str(container["image"])
    tag = reference.rpartition("/")[2].partition(":")[2]
    running = next((each for each in there if each["name"] == container["name"]), None)
    if running is None or not Image.model_construct(tag=tag or None).moves:
        return container
    if not str(running["image"]).startswith(f"{reference}@sha256:"):
        return container
    return {**container, "image": running["image"], "imagePullPolicy": running["imagePullPolicy"]}


def _known(value: Any, live: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        below = live if isinstance(live, dict) else {}
        return {key: _known(each, below.get(key)) for key, each in value.items()}
    return live if value in _KNOWN_AFTER and live is not None else value
