"""The ALB's own health check and protocol, said by the settings instead of by the controller's defaults."""

from __future__ import annotations

from improvements.edit import Edit
from improvements.fragment import Field
from improvements.improvement import Item
from improvements.subject import Subject

_ANNOTATIONS: Field = ("ingress", "metadata", "annotations")
_PREFIX = "alb.ingress.kubernetes.io/"
_KEYS = ("backend-protocol", "healthcheck", "healthy-threshold", "unhealthy-threshold")


def _edit(subject: Subject) -> Edit:
    ingress = subject.service.ingress
    if ingress is None:
        return Edit()
    starts = tuple(f"{_PREFIX}{key}" for key in _KEYS)
    dropped = [field for field in subject.patched if field[:3] == _ANNOTATIONS and field[3].startswith(starts)]
    http = subject.service.probes.type == "http"
    check = {"protocol": "HTTP", "path": subject.service.probes.readiness_path} if http else {"protocol": "TCP"}
    return Edit({("ingress", "healthCheck"): check} if ingress.health_check is None else {}, dropped)


HEALTH_CHECK = Item(
    "health-check",
    "the ALB sends requests to a pod that no longer answers, until Kubernetes has noticed",
    "https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary",
    _edit,
)
