"""A PodDisruptionBudget: a node drain takes one replica at a time."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject


def _edit(subject: Subject) -> Edit:
    if subject.service.disruption_budget is not None:
        return Edit()
    return Edit({("disruptionBudget",): {"maxUnavailable": 1}})


def _blocked(_before: Subject, after: Subject) -> Iterator[str]:
    if "disruption-budget" not in after.objects:
        yield "one pod could never be evicted: replicas: 2 first"


DISRUPTION_BUDGET = Item(
    "disruption-budget",
    "draining a node, as every node upgrade does, may take all replicas at the same time",
    "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    _edit,
    _blocked,
)
