"""The Kubernetes Service (服务) of a service."""

from components.manifests.metadata import Manifest, Opaque, metadata, selector, service_labels
from config import StackSettings
from config.exposure import ServicePort


def service(settings: StackSettings, name: str, port: ServicePort, namespace: Opaque) -> Manifest:
    """The Service: ClusterIP where the ALB reaches pods directly (Terway), NodePort on Flannel.

    Pulumi does not wait for it: it would wait for ready pods, which wait for the ALB, which waits for the Ingress,
    which comes after this Service. The Deployment's own wait proves the pods.
    """
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(
            port.name or name,
            service_labels(settings, name),
            namespace=namespace,
            annotations={"pulumi.com/skipAwait": "true"},
        ),
        "spec": {
            "type": "ClusterIP" if settings.cluster.network == "terway" else "NodePort",
            "selector": selector(settings, name),
            "ports": [
                {
                    "name": port.port_name,
                    "port": port.port,
                    "targetPort": settings.services[name].port,
                    "protocol": "TCP",
                }
            ],
        },
    }
