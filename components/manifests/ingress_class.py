"""IngressClass: the name by which Ingresses (路由) choose their ALB."""

from components.manifests.metadata import Manifest, Opaque, environment_labels, metadata
from config import StackSettings

CONTROLLER = "ingress.k8s.alibabacloud/alb"
"""What the ALB Ingress Controller compares with: ``.com`` does not belong in it.

Source: https://github.com/alibaba/alibaba-load-balancer-controller (pkg/controller/alb, store)
"""


def ingress_class(settings: StackSettings, alb_config: Opaque) -> Manifest:
    """The IngressClass of an AlbConfig; both are cluster-scoped and have the same name."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata(settings.ingress_class, environment_labels(settings)),
        "spec": {
            "controller": CONTROLLER,
            "parameters": {"apiGroup": "alibabacloud.com", "kind": "AlbConfig", "name": alb_config},
        },
    }
