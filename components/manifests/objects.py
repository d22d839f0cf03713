"""A service's objects by role, with plain names for what the engine knows only after creation."""

from components.manifests.metadata import Manifest
from components.manifests.pull_secret import NACOS_SECRET
from components.manifests.spring_service import spring_service
from components.manifests.wiring import Wiring
from config import StackSettings


def objects_of(settings: StackSettings, name: str) -> dict[str, Manifest]:
    """The objects of a service by the roles under which the program places them."""
    placed: dict[str, Manifest] = {}

    def place(role: str, manifest: Manifest) -> str:
        placed[role] = manifest
        return str(manifest["metadata"]["name"])

    wiring = Wiring(
        namespace=settings.namespace,
        claim=settings.claim,
        ingress_class=settings.ingress_class,
        pull_secret=settings.pull_secret,
        nacos_secret=NACOS_SECRET,
    )
    spring_service(settings, name, wiring, place)
    return placed
