"""What the API server has of a namespace's services at one time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adopt.connection import ClusterError, Connection, RefusedError
from adopt.snapshot import Object

_KINDS = {
    "deployments": ("/apis/apps/v1", "deployments.apps"),
    "replicasets": ("/apis/apps/v1", "replicasets.apps"),
    "pods": ("/api/v1", "pods"),
    "persistentvolumeclaims": ("/api/v1", "persistentvolumeclaims"),
    "events": ("/api/v1", "events"),
}


@dataclass(frozen=True)
class Observed:
    """Objects of one namespace.

    Attributes:
        deployments: By name.
        replica_sets: All.
        pods: All.
        claims: By name.
        events: The warnings, and what killed a container, by the uid of the object that they are about; the oldest
            first.
    """

    deployments: Mapping[str, Object] = field(default_factory=dict)
    replica_sets: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    claims: Mapping[str, Object] = field(default_factory=dict)
    events: Mapping[str, tuple[Object, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, objects: Mapping[str, list[Object]]) -> Observed:
        """From the objects of each resource."""
        about: dict[str, tuple[Object, ...]] = {}
        for event in sorted(objects.get("events", ()), key=moment):
            if event.get("type") == "Warning" or event.get("reason") == "Killing":
                uid = str(event["involvedObject"].get("uid", ""))
                about[uid] = (*about.get(uid, ()), event)
        return cls(
            {each["metadata"]["name"]: each for each in objects.get("deployments", ())},
            tuple(objects.get("replicasets", ())),
            tuple(objects.get("pods", ())),
            {each["metadata"]["name"]: each for each in objects.get("persistentvolumeclaims", ())},
            about,
        )

    def about(self, stated: Object, *reasons: str) -> Iterator[Object]:
        """The events about an object that have one of the reasons, the newest first."""
        found = self.events.get(str(stated["metadata"].get("uid")), ())
        return (each for each in reversed(found) if each.get("reason") in reasons)


def observe(connection: Connection, namespace: str) -> Observed:
    """Read a namespace; Secrets and ConfigMaps are not among it.

    Raises:
        ClusterError: It cannot be read.
    """
    objects = {}
    for resource, (root, called) in _KINDS.items():
        try:
            objects[resource] = connection.get(f"{root}/namespaces/{namespace}/{resource}")["items"]
        except RefusedError as error:
            raise ClusterError(
                f"The services in the namespace {namespace} cannot be watched",
                said=str(error),
                mend=f"an administrator gives the verb list on {called} there: docs/rbac/observer.yaml",
            ) from None
    return Observed.of(objects)


def moment(event: Object) -> str:
    """When an event was last seen, as RFC 3339."""
    series = event.get("series") or {}
    found = event.get("lastTimestamp") or series.get("lastObservedTime") or event.get("eventTime")
    return str(found or event["metadata"].get("creationTimestamp") or "")


def began(event: Object) -> str:
    """When an event was first seen."""
    return str(event.get("firstTimestamp") or event.get("eventTime") or moment(event))
