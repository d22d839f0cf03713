"""A new pod counts as Ready only after the ALB has it, and after its public address is there."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import POD, Subject

_EIP = "k8s.aliyun.com/"


def _edit(subject: Subject) -> Edit:
    ingress = subject.service.ingress
    routed = ingress is not None and subject.settings.cluster.network == "terway"
    annotations = ("deployment", "spec", "template", "metadata", "annotations")
    eip = [
        field
        for field in subject.patched
        if field[: len(annotations)] == annotations and field[len(annotations)].startswith(_EIP)
    ]
    gate: dict[tuple[str, ...], object] = {("ingress", "readinessGate"): True} if routed else {}
    return Edit(gate, [(*POD, "readinessGates"), *eip])


def _first(subject: Subject) -> Iterator[str]:
    if subject.service.ingress is not None:
        yield "the ALB must route to the Ingress: a gate that nobody sets keeps new pods unready while the old serve"


READINESS_GATE = Item(
    "readiness-gate",
    "a rollout goes on before the ALB sends requests to the new pods, or before they can call out, and requests fail",
    "https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary",
    _edit,
    first=_first,
)
