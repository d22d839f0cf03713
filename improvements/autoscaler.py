"""The HorizontalPodAutoscaler by the application's own CPU, scaling down slowly."""

from __future__ import annotations

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject


def _edit(subject: Subject) -> Edit:
    if "autoscaler" not in subject.objects:
        return Edit()
    spec = ("autoscaler", "spec")
    metrics = subject.objects["autoscaler"]["spec"].get("metrics") or ()
    cpu_only = all(
        (each.get("resource") or each.get("containerResource") or {}).get("name") == "cpu" for each in metrics
    )
    return Edit(
        dropped=[(*spec, "behavior"), ("deployment", "spec", "replicas"), *([(*spec, "metrics")] if cpu_only else [])]
    )


AUTOSCALER = Item(
    "autoscaler",
    "a quiet moment takes replicas away that the next peak needs, and a sidecar's CPU counts as the application's",
    "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#container-resource-metrics",
    _edit,
)
