"""Names, labels and annotations that every object carries."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from config import StackSettings

Manifest: TypeAlias = dict[str, Any]
"""A Kubernetes object in wire format (camelCase)."""
Opaque: TypeAlias = Any
"""A string, or a Pulumi output of one: placed, never looked at."""

FIELD_MANAGER = "ack-platform"
MANAGED = {"pulumi.com/patchFieldManager": FIELD_MANAGER}
"""One field manager for all objects: the provider's default is a random one for each resource."""


def environment_labels(settings: StackSettings) -> dict[str, str]:
    """The labels of an object that belongs to the environment as a whole."""
    return {
        "app.kubernetes.io/instance": settings.environment.name,
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/part-of": "ack-platform",
        "env": settings.environment.name,
    }


def service_labels(settings: StackSettings, service: str) -> dict[str, str]:
    """The labels of an object that belongs to a service; the service's own ones win."""
    return {
        "app.kubernetes.io/name": service,
        **environment_labels(settings),
        **settings.services[service].labels,
    }


def selector(settings: StackSettings, service: str) -> dict[str, str]:
    """The two labels that join Deployment, pods and Service; never changed on a live Deployment."""
    return dict(
        settings.services[service].selector_labels
        or {"app.kubernetes.io/name": service, "app.kubernetes.io/instance": settings.environment.name}
    )


def metadata(
    name: Opaque,
    labels: Mapping[str, str],
    *,
    namespace: Opaque = None,
    annotations: Mapping[str, Opaque] | None = None,
) -> Manifest:
    """An object's metadata; cluster-scoped without a namespace."""
    scope = {} if namespace is None else {"namespace": namespace}
    return {"name": name, **scope, "labels": dict(labels), "annotations": {**MANAGED, **(annotations or {})}}


def awaited(seconds: int) -> dict[str, str]:
    """The annotation that bounds the provider's wait for an object to become ready, or to go; else ten minutes."""
    return {"pulumi.com/timeoutSeconds": str(seconds)}


def content_name(prefix: str, data: Mapping[str, str]) -> str:
    """``{prefix}-{hash}``: a name that changes with the content, so pods roll and the old content stays readable."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return f"{prefix}-{digest[:10]}"


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping without the keys that are not set."""
    return {key: value for key, value in values.items() if value is not None}
