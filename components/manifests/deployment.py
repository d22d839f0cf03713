"""The Deployment (无状态) of a service."""

from components.manifests.metadata import Manifest, awaited, metadata, selector, service_labels, without_none
from components.manifests.pod import pod_template
from components.manifests.wiring import Siblings, Wiring
from config import StackSettings

_PULL_SECONDS = 120
"""Time for scheduling and pulling an image, beside the service's own start."""
_SHORTEST_DEADLINE_SECONDS = 600
"""Time for the cluster to add a node, where none has room."""


def deployment_name(settings: StackSettings, name: str) -> str:
    """The Deployment's name: the service's, or the adopted one."""
    return settings.services[name].names.deployment or name


def deployment(settings: StackSettings, name: str, wiring: Wiring, siblings: Siblings) -> Manifest:
    """The Deployment: a new pod first, an old one away only after it serves.

    ``replicas`` is left out under an autoscaler: who states it fights the autoscaler for it at every run.
    """
    service, cycle = settings.services[name], settings.life_cycle(name)
    one_pod = service.probes.startup_seconds + cycle.min_ready + _PULL_SECONDS
    rollout = (service.most_replicas or 1) * one_pod
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(
            deployment_name(settings, name),
            service_labels(settings, name),
            namespace=wiring.namespace,
            annotations=awaited(max(_SHORTEST_DEADLINE_SECONDS, rollout)),
        ),
        "spec": without_none(
            {
                "replicas": None if service.autoscaler else service.replicas,
                "selector": {"matchLabels": selector(settings, name)},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
                "minReadySeconds": cycle.min_ready,
                "progressDeadlineSeconds": max(_SHORTEST_DEADLINE_SECONDS, one_pod),
                "revisionHistoryLimit": service.revision_history,
                "template": pod_template(settings, name, wiring, siblings),
            }
        ),
    }
