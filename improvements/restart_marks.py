"""Annotations by which kubectl and the console restart pods: stated by nobody, they stay as they are."""

from __future__ import annotations

from improvements.edit import Edit
from improvements.fragment import Field
from improvements.improvement import Item
from improvements.subject import Subject

_ANNOTATIONS: Field = ("deployment", "spec", "template", "metadata", "annotations")
_KUBECTL = "kubectl.kubernetes.io/restartedAt"
_CONSOLE = "redeploy-timestamp"


def _edit(subject: Subject) -> Edit:
    stated = {key: value for key, value in subject.service.annotations.items() if key != _CONSOLE}
    settings: dict[tuple[str, ...], object] = (
        {} if stated == subject.service.annotations else {("annotations",): stated}
    )
    return Edit(settings, [(*_ANNOTATIONS, _KUBECTL), (*_ANNOTATIONS, _CONSOLE)])


RESTART_MARKS = Item(
    "restart-marks",
    "after a restart by kubectl or the console (重新部署) the next `pulumi up` puts the old mark back, and all pods"
    " restart again",
    "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/",
    _edit,
)
