"""The rollout strategy: a new pod first, an old one away only after it serves."""

from __future__ import annotations

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject


def _edit(_subject: Subject) -> Edit:
    spec = ("deployment", "spec")
    keys = ("strategy", "progressDeadlineSeconds", "revisionHistoryLimit")
    return Edit(dropped=[(*spec, key) for key in keys])


ROLLOUT = Item(
    "rollout",
    "a rollout may take pods away before their successors serve (25 % from four replicas on, all with Recreate)",
    "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable",
    _edit,
)
