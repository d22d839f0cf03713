"""The PodDisruptionBudget of a service."""

from components.manifests.metadata import Manifest, Opaque, metadata, selector, service_labels
from config import StackSettings
from config.workload import DisruptionBudget


def disruption_budget(settings: StackSettings, name: str, budget: DisruptionBudget, namespace: Opaque) -> Manifest:
    """How many pods a node drain may take at once. Unhealthy pods never block a drain."""
    called = settings.services[name].names.disruption_budget or name
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(called, service_labels(settings, name), namespace=namespace),
        "spec": {
            "maxUnavailable": budget.max_unavailable,
            "selector": {"matchLabels": selector(settings, name)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }
