"""The HorizontalPodAutoscaler of a service."""

from components.manifests.metadata import Manifest, Opaque, metadata, service_labels
from config import StackSettings
from config.workload import Autoscaler


def autoscaler(
    settings: StackSettings, name: str, scaling: Autoscaler, *, namespace: Opaque, deployment: Opaque
) -> Manifest:
    """Scaling by CPU. Down slowly: a JVM's first minutes are its most expensive."""
    stated = settings.services[name].names
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(stated.autoscaler or name, service_labels(settings, name), namespace=namespace),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment},
            "minReplicas": scaling.min_replicas,
            "maxReplicas": scaling.max_replicas,
            "metrics": [
                {
                    "type": "ContainerResource",
                    "containerResource": {
                        "name": "cpu",
                        "container": stated.container or name,
                        "target": {"type": "Utilization", "averageUtilization": scaling.cpu_percent},
                    },
                }
                if settings.cluster.minor >= 30  # noqa: PLR2004 -- ContainerResource metrics are stable since 1.30
                else {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "Utilization", "averageUtilization": scaling.cpu_percent},
                    },
                }
            ],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": scaling.scale_down_seconds}},
        },
    }
