"""What a namespace may use, and what its containers get: ResourceQuota (资源配额) and LimitRange (资源限制)."""

from components.manifests.metadata import (
    FIELD_MANAGER,
    Manifest,
    Opaque,
    environment_labels,
    metadata,
    without_none,
)
from config import StackSettings
from config.environment import ContainerAmounts, OwnedLimitRange, OwnedQuota


def resource_quota(settings: StackSettings, quota: OwnedQuota, namespace: Opaque) -> Manifest:
    """The ResourceQuota of the namespace."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(FIELD_MANAGER, environment_labels(settings), namespace=namespace),
        "spec": {"hard": dict(quota.hard)},
    }


def limit_range(settings: StackSettings, limits: OwnedLimitRange, namespace: Opaque) -> Manifest:
    """The LimitRange of the namespace, for containers."""
    amounts = {
        "default": _amounts(limits.default),
        "defaultRequest": _amounts(limits.default_request),
        "min": _amounts(limits.min),
        "max": _amounts(limits.max),
    }
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": metadata(FIELD_MANAGER, environment_labels(settings), namespace=namespace),
        "spec": {"limits": [{"type": "Container", **without_none(amounts)}]},
    }


def _amounts(amounts: ContainerAmounts) -> Manifest | None:
    return without_none({"cpu": amounts.cpu, "memory": amounts.memory}) or None
