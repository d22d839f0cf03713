"""SpringService: one microservice.

Owns: Deployment, ServiceAccount, and as settings ask: Service, Ingress, PodDisruptionBudget, HorizontalPodAutoscaler,
NetworkPolicy, ConfigMaps of configuration files and of the registration script.
Leaves alone: the image, what the service keeps in Nacos, its files on the NAS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apps.v1.outputs import DeploymentSpec
from pulumi_kubernetes.networking.v1.outputs import IngressStatus

from components.kubernetes import object_name, register
from components.manifests.metadata import Manifest
from components.manifests.spring_service import spring_service
from components.manifests.wiring import Wiring
from components.moving_tags import keeping_image
from config import StackSettings


@dataclass(frozen=True, kw_only=True)
class SpringServiceArgs:
    """What a SpringService needs."""

    settings: StackSettings
    """The stack's settings; the component's name names the service in them."""
    namespace: pulumi.Input[str]
    """The environment's namespace."""
    claim: pulumi.Input[str]
    """The PersistentVolumeClaim mounted at DATA_DIR."""
    ingress_class: pulumi.Input[str]
    """The IngressClass of the ALB."""
    pull_secret: pulumi.Input[str] | None = None
    """The image pull Secret."""
    nacos_secret: pulumi.Input[str] | None = None
    """The Secret with the Nacos credentials."""
    unresolved: Mapping[str, str] = field(default_factory=dict)
    """Why a service's moving tag could not be resolved, by service: it keeps the image that it runs."""


class SpringService(pulumi.ComponentResource):
    """A Spring Boot service on ACK, reachable as its settings say."""

    image: pulumi.Output[str]
    """The image reference that the pods run."""
    urls: pulumi.Output[list[str]]
    """The public URLs."""
    dns_name: pulumi.Output[str | None]
    """The ALB's DNS name, once the ALB serves the Ingress; None without an Ingress."""

    def __init__(self, name: str, args: SpringServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ack-platform:index:SpringService", name, None, opts)
        wiring = Wiring(
            namespace=args.namespace,
            claim=args.claim,
            ingress_class=args.ingress_class,
            pull_secret=args.pull_secret,
            nacos_secret=args.nacos_secret,
        )

        placed: dict[str, pulumi.CustomResource] = {}

        def place(role: str, manifest: Manifest) -> pulumi.Output[str]:
            # A patch may state the rules with the Service's plain name; the Ingress comes after it, and goes before.
            after = [placed["service"]] if role == "ingress" else []
            own = pulumi.ResourceOptions(parent=self, depends_on=after)
            if role == "deployment" and name in args.unresolved:
                own = pulumi.ResourceOptions.merge(own, keeping_image(name, args.unresolved[name], args.settings))
            placed[role] = register(f"{name}-{role}", manifest, own)
            return object_name(placed[role])

        spring_service(args.settings, name, wiring, place)
        self.image = (
            _kept_image(placed["deployment"])
            if name in args.unresolved
            else pulumi.Output.from_input(args.settings.image(name))
        )
        self.urls = pulumi.Output.from_input(list(args.settings.urls(name)))
        self.dns_name = _served_by(placed.get("ingress"))
        self.register_outputs({"image": self.image, "urls": self.urls, "dns_name": self.dns_name})


def _kept_image(deployment: pulumi.CustomResource) -> pulumi.Output[str]:
    """The image of the application's container, which is not the stated one."""
    spec = cast("pulumi.Output[DeploymentSpec]", getattr(deployment, "spec"))  # noqa: B009 -- CustomResource declares no spec
    return spec.apply(lambda found: str(found.template.spec.containers[0].image) if found.template.spec else "")


def _served_by(ingress: pulumi.CustomResource | None) -> pulumi.Output[str | None]:
    """The name that the ALB controller wrote into the Ingress's status."""
    if not isinstance(ingress, k8s.networking.v1.Ingress):
        return pulumi.Output.from_input(None)

    def hostname(status: IngressStatus | None) -> str | None:
        balancer = status.load_balancer if status else None
        return balancer.ingress[0].hostname if balancer and balancer.ingress else None

    return ingress.status.apply(hostname)
