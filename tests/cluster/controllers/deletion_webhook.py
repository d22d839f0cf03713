"""The webhook of the ALB Ingress Controller that keeps a Service or a TLS Secret from going while an Ingress uses it.

Imitated, after the release notes of version 2.20.0: the deletion of a Service, or of a Secret, that an Ingress of an
ALB uses is refused. https://www.alibabacloud.com/help/en/ack/product-overview/alb-ingress-controller
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.api import Api, Object
from tests.cluster.controllers.alb import CLASS_CONTROLLER, backends
from tests.cluster.controllers.webhook import webhook

_NAME = "ingress.alb.validate.k8s.io"
_RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["services", "secrets"]}


@contextmanager
def deletion_webhook(api: Api, certificate: Path) -> Iterator[None]:
    """Serve the webhook while the block runs.

    Args:
        api: The cluster.
        certificate: A certificate for 127.0.0.1, with its key in a `.key` file beside it.
    """

    def judge(request: Object) -> str | None:
        user = _user_of(api, request["kind"]["kind"], request["namespace"], request["name"])
        return f"{request['name']} is still used by ingress {user}" if user else None

    with webhook(api, certificate, _NAME, [_RULE], judge):
        yield


def _user_of(api: Api, kind: str, namespace: str, name: str) -> str | None:
    """An Ingress of an ALB that uses a Service or Secret; the Ingress that is being deleted counts too."""
    classes = {
        each["metadata"]["name"]
        for each in api.objects("networking.k8s.io/v1", "IngressClass")
        if each["spec"].get("controller") == CLASS_CONTROLLER
    }
    for ingress in api.objects("networking.k8s.io/v1", "Ingress", namespace):
        used = (
            {service for service, _ in backends(ingress)}
            if kind == "Service"
            else {tls.get("secretName") for tls in ingress["spec"].get("tls") or ()}
        )
        if ingress["spec"].get("ingressClassName") in classes and name in used:
            return str(ingress["metadata"]["name"])
    return None
