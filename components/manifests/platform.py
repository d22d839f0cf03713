"""Every Kubernetes object that a stack would create, without an engine: what ``ackp render`` writes."""

from collections.abc import Iterator
from dataclasses import dataclass

from components.manifests.addon import EXTEND_NETWORK_CONTROLLER, extend_network_controller_values
from components.manifests.alb_config import alb_config
from components.manifests.environment import environment
from components.manifests.ingress_class import ingress_class
from components.manifests.log_retention import log_retention
from components.manifests.metadata import Manifest
from components.manifests.pull_secret import docker_config, encoded
from components.manifests.spring_service import spring_service
from components.manifests.volume import claim, persistent_volume
from components.manifests.wiring import Wiring
from config import StackSettings
from config.addons import OwnedExtendNetworkController
from config.alb import AlbById, AlbByIngressClass
from config.nas import GivenNas, OwnedVolume

ALB_ID = "alb-knownaftercreation"
"""Stands for the id of an ALB that the stack creates."""
MOUNT_TARGET = "known-after-creation.nas.aliyuncs.com"
"""Stands for the domain name of a mount target that the stack creates."""
MASKED = "masked"
"""Stands for every password."""


@dataclass(frozen=True)
class HelmRelease:
    """A Helm release by its values; the chart's objects are the chart's own."""

    name: str
    namespace: str
    values: Manifest


def platform_objects(settings: StackSettings) -> Iterator[Manifest]:
    """All Kubernetes objects of a stack, in the order in which the program registers them.

    Secrets are masked; what is known only after creation is ``ALB_ID`` and ``MOUNT_TARGET``.
    """
    placed: list[Manifest] = []

    def place(_role: str, manifest: Manifest) -> str:
        placed.append(manifest)
        return str(manifest["metadata"]["name"])

    alb = settings.alb
    if not isinstance(alb, AlbByIngressClass):
        config = place("alb-config", alb_config(settings, alb.id if isinstance(alb, AlbById) else ALB_ID))
        place("ingress-class", ingress_class(settings, config))
    registry = settings.registry
    names = environment(
        settings,
        place,
        given_namespace=None if settings.environment.namespace.ownership == "owned" else settings.namespace,
        docker_config=encoded(docker_config(registry.server, registry.username or "", MASKED)),
        nacos_password=encoded(MASKED),
    )
    volume, file_system = settings.nas.volume, settings.nas.file_system
    if isinstance(volume, OwnedVolume):
        server = file_system.mount_target if isinstance(file_system, GivenNas) else MOUNT_TARGET
        bound = place("volume", persistent_volume(settings, volume, server, settings.namespace))
        place("claim", claim(settings, volume, bound, settings.namespace))
    wiring = Wiring(
        namespace=settings.namespace,
        claim=settings.claim,
        ingress_class=settings.ingress_class,
        pull_secret=settings.pull_secret,
        nacos_secret=names.get("nacos-secret"),
    )
    for service in settings.services:
        spring_service(settings, service, wiring, place)
        yield from placed
        placed.clear()
    log_retention(settings, place, namespace=settings.namespace, claim=settings.claim, pull_secret=settings.pull_secret)
    yield from placed


def helm_releases(settings: StackSettings) -> Iterator[HelmRelease]:
    """The Helm releases that a stack would install."""
    controller = settings.addons.extend_network_controller
    if isinstance(controller, OwnedExtendNetworkController):
        yield HelmRelease(EXTEND_NETWORK_CONTROLLER, controller.namespace, extend_network_controller_values(settings))
