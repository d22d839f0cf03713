"""Reading a live namespace, with what it uses outside, until two readings in a row are the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adopt.connection import ClusterError, Connection, RefusedError, nearest
from adopt.server import path_of
from adopt.snapshot import Gap, Object, Snapshot
from sandbox.cloud.kinds import plural_of
from sandbox.progress import Progress

__all__ = ["Snapshot", "read"]

PAGE = 250
"""Objects in one answer."""
READINGS = 6
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class _Kind:
    version: str
    kind: str
    namespaced: bool = True

    @property
    def plural(self) -> str:
        return plural_of(self.version, self.kind)

    @property
    def resource(self) -> str:
        """As people write it: `deployments.apps`."""
        group = self.version.rpartition("/")[0]
        return f"{self.plural}.{group}" if group else self.plural

    def path(self, namespace: str, name: str | None = None) -> str:
        """The path of all objects, or of one."""
        return path_of(self.version, self.kind, name, namespace if self.namespaced else None)


_NAMESPACE = _Kind("v1", "Namespace", namespaced=False)
_NODE = _Kind("v1", "Node", namespaced=False)
_VOLUME = _Kind("v1", "PersistentVolume", namespaced=False)
_ALB_CONFIG = _Kind("alibabacloud.com/v1", "AlbConfig", namespaced=False)
_LISTED: Mapping[str, _Kind] = {
    "deployments": _Kind("apps/v1", "Deployment"),
    "services": _Kind("v1", "Service"),
    "ingresses": _Kind("networking.k8s.io/v1", "Ingress"),
    "autoscalers": _Kind("autoscaling/v2", "HorizontalPodAutoscaler"),
    "disruption_budgets": _Kind("policy/v1", "PodDisruptionBudget"),
    "service_accounts": _Kind("v1", "ServiceAccount"),
    "claims": _Kind("v1", "PersistentVolumeClaim"),
    "quotas": _Kind("v1", "ResourceQuota"),
    "limit_ranges": _Kind("v1", "LimitRange"),
    "ingress_classes": _Kind("networking.k8s.io/v1", "IngressClass", namespaced=False),
    "alb_configs": _ALB_CONFIG,
}
"""The kind of each part of a snapshot."""


@dataclass
class _Reading:
    """One reading: the objects by part of the snapshot, and what was refused."""

    parts: dict[str, list[Object]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def refused(self, kind: _Kind) -> bool:
        return any(each.resource == kind.resource for each in self.gaps)

    def objects(self) -> Iterator[Object]:
        for part in self.parts.values():
            yield from part


def read(kubeconfig: Path, namespace: str, *, progress: Progress, context: str | None = None) -> Snapshot:
    """Read a namespace, and what it uses outside.

    Everything is read at least twice, for the API server gives no view of several kinds at one time: a rollout that
    begins meanwhile would be adopted half. What controllers write is no change.

    Args:
        kubeconfig: The kubeconfig's path.
        namespace: The namespace.
        progress: Told what is being read.
        context: The kubeconfig's context; its current one if left out.

    Raises:
        ClusterError: The cluster cannot be reached or refuses the credentials, there is no such namespace, something
            keeps changing, or a Deployment mounts a claim whose volume is gone.
    """
    progress.live(f"Connecting to the cluster of {kubeconfig}")
    reader = _Reader(Connection(kubeconfig, context), namespace, progress)
    version = str(reader.connection.get("/version")["gitVersion"])
    place, gaps = reader.namespace()
    nodes, unread = reader.nodes()
    found = _at_rest(reader.everything, namespace, progress)
    _refuse_lost(found)
    names = tuple(each["metadata"]["name"] for each in found.parts.pop("service_accounts"))
    parts = {part: tuple(objects) for part, objects in found.parts.items()}
    gaps += [*unread, *found.gaps]
    return Snapshot(place, version, service_accounts=names, nodes=nodes, gaps=tuple(gaps), **parts)


class _Reader:
    """Reads from one connection."""

    def __init__(self, connection: Connection, namespace: str, progress: Progress) -> None:
        self.connection = connection
        self._namespace, self._progress = namespace, progress

    def namespace(self) -> tuple[Object, list[Gap]]:
        """The Namespace, or its name alone and the gap."""
        bare = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self._namespace}}
        try:
            return {**bare, **self.connection.get(_NAMESPACE.path("", self._namespace))}, []
        except RefusedError as error:
            if error.forbidden:
                return bare, [self._gap(_NAMESPACE, "get", error)]
            if not error.missing:
                raise _broken(_NAMESPACE, error) from None
        what = f"The cluster at {self.connection.server} has no namespace {self._namespace}"
        try:
            known = [each["metadata"]["name"] for each in self._list(_NAMESPACE)]
        except RefusedError:
            known = []
        raise ClusterError(what, mend=nearest(self._namespace, known))

    def nodes(self) -> tuple[tuple[Object, ...], list[Gap]]:
        """Where the nodes are; read once, for they come and go, and nothing that is adopted depends on them."""
        try:
            found = self._list(_NODE)
        except RefusedError as error:
            if error.forbidden:
                return (), [self._gap(_NODE, "list", error)]
            raise _broken(_NODE, error) from None
        return tuple(_placed(each) for each in found), []

    def everything(self) -> _Reading:
        """One reading of all kinds."""
        reading = _Reading()
        for part, kind in _LISTED.items():
            reading.parts[part] = []
            try:
                reading.parts[part] = self._list(kind)
            except RefusedError as error:
                if error.forbidden:
                    reading.gaps.append(self._gap(kind, "list", error))
                elif not (error.missing and kind is _ALB_CONFIG):  # its definition comes with the add-on
                    raise _broken(kind, error) from None
        if all(reading.refused(kind) for kind in _LISTED.values() if kind.namespaced):
            raise ClusterError(
                f"The account may read nothing in the namespace {self._namespace}",
                said=reading.gaps[0].said,
                mend="check the name, and give it the rights of docs/rbac/adopter.yaml there",
            )
        self._read_volumes(reading)
        return reading

    def _read_volumes(self, reading: _Reading) -> None:
        """The volumes that the claims name; one that is gone is missing."""
        volumes: list[Object] = []
        for name in sorted(filter(None, (each["spec"].get("volumeName") for each in reading.parts["claims"]))):
            try:
                volumes.append(self.connection.get(_VOLUME.path("", name)))
            except RefusedError as error:
                if error.forbidden:
                    reading.gaps.append(self._gap(_VOLUME, "get", error))
                    break
                if not error.missing:
                    raise _broken(_VOLUME, error) from None
        reading.parts["volumes"] = volumes

    def _list(self, kind: _Kind) -> list[Object]:
        """All objects of a kind, page by page.

        Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
        """
        query, found = {"limit": str(PAGE)}, list[Object]()
        while True:
            count = f": {len(found)} so far" if found else ""
            self._progress.live(f"Reading {kind.plural} of {self._namespace}{count}")
            page = self.connection.get(kind.path(self._namespace), query)
            common = {"apiVersion": kind.version, "kind": kind.kind}  # a list leaves both out
            found += [{**common, **each} for each in page.get("items") or ()]
            if not (more := page["metadata"].get("continue")):
                return found
            query["continue"] = more

    def _gap(self, kind: _Kind, verb: str, error: RefusedError) -> Gap:
        return Gap(kind.kind, verb, kind.resource, self._namespace if kind.namespaced else "", str(error))


def _placed(node: Object) -> Object:
    """A node's name and the labels that say where it is."""
    labels = node["metadata"].get("labels") or {}
    kept = {key: value for key, value in labels.items() if key.startswith("topology.kubernetes.io/")}
    return {**node, "metadata": {"name": node["metadata"]["name"], "labels": kept}, "spec": {}, "status": {}}


def _at_rest(read_once: Callable[[], _Reading], namespace: str, progress: Progress) -> _Reading:
    """The second of two readings between which nobody but controllers wrote.

    Raises:
        ClusterError: There is no such pair.
    """
    before = read_once()
    for number in range(1, READINGS):
        after = read_once()
        moved = _moved(before, after)
        if not moved:
            return after
        progress.live(f"{namespace} changes while it is read: {moved[0]}")
        before = after
        time.sleep(_PAUSE_SECONDS * number)
    raise ClusterError(
        f"Objects of the namespace {namespace} keep changing while they are read, {READINGS} times in a row",
        said=f"{'; '.join(moved)}",
        mend="wait until the rollout is over, or stop what writes there, and run again",
    )


def _moved(before: _Reading, after: _Reading) -> list[str]:
    """The objects that came, went or were changed, each with who wrote it last."""
    old = {_name(each): each for each in before.objects()}
    new = {_name(each): each for each in after.objects()}
    moved = [name for name in {**old, **new} if _stated(old.get(name)) != _stated(new.get(name))]
    return sorted(f"{name}{_writer(new[name])}" if name in new else f"{name} was deleted" for name in moved)


def _name(stated: Object) -> str:
    return f"{stated['kind']}/{stated['metadata']['name']}"


def _stated(live: Object | None) -> Object | None:
    """What people and programs state in an object, without what the API server and controllers write into it."""
    if live is None:
        return None
    kept = {key: value for key, value in live["metadata"].items() if key not in ("resourceVersion", "managedFields")}
    notes = kept.get("annotations") or {}
    kept["annotations"] = {
        key: value for key, value in notes.items() if not key.startswith("deployment.kubernetes.io/")
    }
    return {**{key: value for key, value in live.items() if key != "status"}, "metadata": kept}


def _writer(live: Object) -> str:
    """Who wrote the object last, its status and its number of pods aside: all who did in that second."""
    entries = [each for each in live["metadata"].get("managedFields") or () if not each.get("subresource")]
    times = {str(each.get("manager")): str(each.get("time") or "") for each in entries}
    last = sorted(manager for manager, time in times.items() if time == max(times.values()))
    return f", last written by {', '.join(last)}" if last else ""


def _refuse_lost(found: _Reading) -> None:
    """Refuse what can never start again: a pod whose claim has lost its volume.

    Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#phase
    """
    lost = {
        each["metadata"]["name"]: str(each["spec"].get("volumeName"))
        for each in found.parts["claims"]
        if (each.get("status") or {}).get("phase") == "Lost"
    }
    mounted: dict[str, list[str]] = {}
    for each in found.parts["deployments"]:
        for volume in each["spec"]["template"]["spec"].get("volumes") or ():
            claim = str((volume.get("persistentVolumeClaim") or {}).get("claimName"))
            if claim in lost:
                mounted.setdefault(claim, []).append(each["metadata"]["name"])
    if mounted:
        said = "; ".join(
            f"PersistentVolumeClaim/{claim} is Lost: its volume {lost[claim]} was deleted, and"
            f" {', '.join(sorted(set(users)))} cannot start again"
            for claim, users in sorted(mounted.items())
        )
        raise ClusterError(
            "Deployments mount a claim that has lost its volume",
            said=said,
            mend="the data is still on the NAS: create a PersistentVolume of that name for it again, with the claim's"
            " namespace, name and uid in claimRef, wait until the claim is Bound, and run again",
        )


def _broken(kind: _Kind, error: RefusedError) -> ClusterError:
    return ClusterError(f"The API server cannot say what {kind.resource} there are", said=str(error))
