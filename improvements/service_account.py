"""A ServiceAccount of the service's own, whose token is not mounted."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import POD, Subject


def _edit(subject: Subject) -> Edit:
    keys = ("serviceAccountName", "serviceAccount", "automountServiceAccountToken")
    shared = subject.service.service_account == "default"
    own: dict[tuple[str, ...], object] = {("serviceAccount",): None} if shared else {}
    return Edit(own, [(*POD, key) for key in keys])


def _first(_subject: Subject) -> Iterator[str]:
    yield "a service that calls the Kubernetes API (Spring Cloud Kubernetes) loses its token"


SERVICE_ACCOUNT = Item(
    "service-account",
    "who takes over one pod has the token of the account that all pods of the namespace share",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    _edit,
    first=_first,
)
