"""What a stack makes that costs, out of its settings."""

from __future__ import annotations

from collections.abc import Iterator

from components.manifests.platform import platform_objects
from config import StackSettings
from config.alb import OwnedAlb
from config.nas import OwnedNas
from cost.estimate import Object


def costing(settings: StackSettings) -> Iterator[Object]:
    """The stack's Kubernetes objects, and its own ALB and NAS; what it is given costs its owner."""
    yield from platform_objects(settings)
    if isinstance(settings.alb, OwnedAlb):
        yield {
            "kind": "LoadBalancer",
            "addressType": settings.alb.address_type,
            "loadBalancerEdition": settings.alb.edition,
            "zoneMappings": [{"vswitchId": each} for each in settings.alb.v_switches],
        }
    if isinstance(settings.nas.file_system, OwnedNas):
        yield {"kind": "FileSystem", "storageType": settings.nas.file_system.storage_type}
