"""A service's objects by role, built with plain names for what is known only after creation."""

from typing import Any

from components.manifests.metadata import Manifest
from components.manifests.spring_service import spring_service
from components.manifests.wiring import Wiring
from config import StackSettings


def objects_of(settings: StackSettings, name: str) -> dict[str, Manifest]:
    """Role → object of one service."""
    placed: dict[str, Manifest] = {}

    def place(role: str, manifest: Manifest) -> str:
        placed[role] = manifest
        return str(manifest["metadata"]["name"])

    wiring = Wiring(
        namespace=settings.namespace,
        claim=settings.claim,
        ingress_class=settings.ingress_class,
        pull_secret=settings.pull_secret,
        nacos_secret="nacos-credentials",
    )
    spring_service(settings, name, wiring, place)
    return placed


def pod_of(objects: dict[str, Manifest]) -> Any:
    """The pod specification of the Deployment."""
    return objects["deployment"]["spec"]["template"]["spec"]


def app_of(objects: dict[str, Manifest]) -> Any:
    """The application container."""
    return pod_of(objects)["containers"][0]


def env_of(objects: dict[str, Manifest]) -> dict[str, Any]:
    """The application container's environment variables with plain values."""
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in app_of(objects)["env"]}
