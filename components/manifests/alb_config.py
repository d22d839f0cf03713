"""AlbConfig: the ALB Ingress Controller's instructions for one ALB.

The resource definition has no schema on the server, so a misspelt field would be ignored without a word.
Field names: https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-albconfigs-to-configure-alb-instances
"""

from components.manifests.metadata import Manifest, Opaque, awaited, environment_labels, metadata
from config import StackSettings
from config.alb import Listener

SERVED_SECONDS = 300
"""How long the controller may take over an AlbConfig or an Ingress: a pass takes seconds, and one over what is wrong
(a certificate, a class, a listener that is not there) never ends."""

READY = {"pulumi.com/waitFor": "jsonpath={.status.loadBalancer.dnsname}", **awaited(SERVED_SECONDS)}
"""The controller writes the DNS name after its first pass over the ALB; an Ingress before that would only wait."""


def alb_config(settings: StackSettings, load_balancer_id: Opaque) -> Manifest:
    """The AlbConfig of an existing ALB, whoever created it.

    Both override flags are off: the ALB's own attributes, and listeners that were made by hand, are left alone.
    """
    return {
        "apiVersion": "alibabacloud.com/v1",
        "kind": "AlbConfig",
        "metadata": metadata(settings.ingress_class, environment_labels(settings), annotations=READY),
        "spec": {
            "config": {"id": load_balancer_id, "forceOverride": False, "listenerForceOverride": False},
            "listeners": [_listener(listener) for listener in settings.alb.listeners],
        },
    }


def _listener(listener: Listener) -> Manifest:
    common: Manifest = {
        "port": listener.port,
        "protocol": listener.protocol,
        "requestTimeout": listener.request_timeout_seconds,
        "idleTimeout": listener.idle_timeout_seconds,
    }
    if listener.protocol == "HTTP":
        return common
    secure: Manifest = {**common, "securityPolicyId": listener.tls_policy}
    if listener.certificates:
        # The capitals are the controller's own spelling.
        secure["certificates"] = [
            {"CertificateId": certificate, "IsDefault": position == 0}
            for position, certificate in enumerate(listener.certificates)
        ]
    return secure
