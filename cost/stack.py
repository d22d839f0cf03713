"""What a stack makes that costs, out of its settings."""

from __future__ import annotations

from collections.abc import Iterator

from components.manifests.cloud import cloud_resources
from components.manifests.platform import platform_objects
from config import StackSettings
from cost.estimate import Object


def costing(settings: StackSettings) -> Iterator[Object]:
    """The stack's Kubernetes objects, and its own ALB and NAS; what it is given costs its owner."""
    yield from platform_objects(settings)
    yield from cloud_resources(settings)
