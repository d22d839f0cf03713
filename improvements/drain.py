"""The pod's end without lost requests: a preStop sleep, a grace period that holds it, and graceful shutdown."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.fragment import Field
from improvements.improvement import Item
from improvements.subject import POD, Subject

_USUAL_GRACE_SECONDS = 30
"""terminationGracePeriodSeconds where a pod states none."""


def end_of_pod(subject: Subject) -> list[Field]:
    """The fields that make up a pod's end."""
    variables = ("SERVER_SHUTDOWN", "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE")
    return [
        subject.of_container("lifecycle"),
        *(subject.of_container("env", each) for each in variables),
        (*POD, "terminationGracePeriodSeconds"),
        ("deployment", "spec", "minReadySeconds"),
    ]


def longer_grace(subject: Subject, computed: int) -> dict[tuple[str, ...], object]:
    """The grace period that a pod has, where it is longer than the computed one: somebody needed it."""
    live = subject.pod.get("terminationGracePeriodSeconds", _USUAL_GRACE_SECONDS)
    return {("registration", "graceSeconds"): live} if live > computed else {}


def own_hooks(subject: Subject) -> list[str]:
    """The hooks of the application's container that run commands of a patch."""
    stated = [
        field
        for field in subject.patched
        if field[: len(subject.of_container()) + 1] == subject.of_container("lifecycle")
    ]
    hooks = subject.container.get("lifecycle") or {}
    return [
        name
        for name in ("postStart", "preStop")
        if stated and {"exec", "httpGet", "tcpSocket"} & set(hooks.get(name) or {})
    ]


def _edit(subject: Subject) -> Edit:
    computed = subject.settings.life_cycle(subject.name).grace
    return Edit(longer_grace(subject, computed), end_of_pod(subject))


def _blocked(before: Subject, after: Subject) -> Iterator[str]:
    hooks = own_hooks(before)
    if hooks and after.settings.registration_mode(after.name) == "none":
        named = " and ".join(hooks)
        yield f"the commands of {named} would go with nothing in their place: apply registration, which does their work"


DRAIN = Item(
    "drain",
    "a pod that ends gets SIGTERM while ALB, kube-proxy and consumers still send it requests, which are then lost",
    "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
    _edit,
    _blocked,
)
