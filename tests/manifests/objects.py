"""The parts of a service's Deployment that tests look at."""

from typing import Any

from components.manifests.metadata import Manifest


def pod_of(objects: dict[str, Manifest]) -> Any:
    """The pod specification of the Deployment."""
    return objects["deployment"]["spec"]["template"]["spec"]


def app_of(objects: dict[str, Manifest]) -> Any:
    """The application container."""
    return pod_of(objects)["containers"][0]


def env_of(objects: dict[str, Manifest]) -> dict[str, Any]:
    """The application container's environment variables with plain values."""
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in app_of(objects)["env"]}
