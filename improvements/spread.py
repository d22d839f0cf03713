"""Replicas in different zones and on different nodes."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import POD, Subject


def _edit(subject: Subject) -> Edit:
    spread = subject.service.spread
    keys = {"zone": spread.zone, "host": spread.host}
    settings: dict[tuple[str, ...], object] = {
        ("spread", key): "ScheduleAnyway" for key, value in keys.items() if value is None
    }
    return Edit(settings, [(*POD, "topologySpreadConstraints"), (*POD, "$setElementOrder/topologySpreadConstraints")])


def _blocked(_before: Subject, after: Subject) -> Iterator[str]:
    if not after.pod.get("topologySpreadConstraints"):
        yield "one pod cannot be spread: replicas: 2 first"


SPREAD = Item(
    "spread",
    "all replicas may sit on one node, or in one zone, and are gone with it",
    "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    _edit,
    _blocked,
)
