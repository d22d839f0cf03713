"""ApplicationLoadBalancer: the ALB behind the environment's Ingresses.

Owns: the ALB (or takes a given one), its AlbConfig and IngressClass; or nothing, where the IngressClass is given.
Leaves alone: listeners that were made by hand; the override flags of the AlbConfig stay off.
"""

from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from components import certificates, given
from components.alb_ingress_controller import AlbIngressController
from components.cloud import arguments
from components.kubernetes import object_name, register
from components.listeners import listeners_stay
from components.manifests.alb_config import alb_config
from components.manifests.cloud import load_balancer
from components.manifests.ingress_class import ingress_class
from config import StackSettings
from config.alb import AlbById, AlbByIngressClass, OwnedAlb


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerArgs:
    """What an ApplicationLoadBalancer needs."""

    settings: StackSettings
    """The stack's settings."""
    controller: AlbIngressController
    """The controller that acts on the AlbConfig."""


class ApplicationLoadBalancer(pulumi.ComponentResource):
    """An ALB with its AlbConfig and IngressClass, all protected."""

    alb_id: pulumi.Output[str | None]
    """The ALB's instance id; None where only the IngressClass is given."""
    dns_name: pulumi.Output[str | None]
    """The ALB's DNS name, the target of CNAME records; None where it is neither known nor stated."""
    ingress_class: pulumi.Output[str]
    """The IngressClass's name; it exists once the ALB serves the AlbConfig's listeners."""

    def __init__(
        self, name: str, args: ApplicationLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ack-platform:index:ApplicationLoadBalancer", name, None, opts)
        settings = args.settings
        covered = certificates.checked(settings, self)
        if isinstance(settings.alb, AlbByIngressClass):
            self.alb_id = pulumi.Output.from_input(None)
            self.dns_name = pulumi.Output.from_input(settings.alb.dns_name)
            found = given.ingress_class(f"{name}-ingress-class", settings, self)
            self.ingress_class = covered.apply(lambda _covered: found)
        else:
            if isinstance(settings.alb, OwnedAlb):
                balancer = self._load_balancer(f"{name}-load-balancer", settings, settings.alb)
                self.alb_id, self.dns_name = balancer.id, balancer.dns_name
            else:
                self.alb_id, self.dns_name = given.load_balancer(settings, settings.alb, self)
            self.ingress_class = self._ingress_class(name, args, settings.alb, covered)
        self.register_outputs({"alb_id": self.alb_id, "dns_name": self.dns_name, "ingress_class": self.ingress_class})

    def _ingress_class(
        self,
        name: str,
        args: ApplicationLoadBalancerArgs,
        stated: OwnedAlb | AlbById,
        covered: pulumi.Output[bool],
    ) -> pulumi.Output[str]:
        config = register(
            f"{name}-alb-config",
            alb_config(args.settings, self.alb_id),
            pulumi.ResourceOptions(
                parent=self,
                protect=args.settings.protects(f"{name}-alb-config"),
                hooks=pulumi.ResourceHookBinding(
                    before_update=[listeners_stay(f"{name}-listeners-stay", args.settings, stated)]
                ),
                # The add-on brings the AlbConfig's resource definition; its version is known only once it is there.
                depends_on=pulumi.Output.all(args.controller.version, covered).apply(lambda _known: [args.controller]),
            ),
        )
        registered = register(
            f"{name}-ingress-class",
            ingress_class(args.settings, object_name(config)),
            pulumi.ResourceOptions(parent=self, protect=args.settings.protects(f"{name}-ingress-class")),
        )
        return object_name(registered)

    def _load_balancer(self, name: str, settings: StackSettings, stated: OwnedAlb) -> alicloud.alb.LoadBalancer:
        return alicloud.alb.LoadBalancer(
            name,
            **arguments(load_balancer(settings, stated)),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=settings.protects(name),
                # The ALB Ingress Controller finds its ALB by tags that it writes; a run must not take them away.
                ignore_changes=["tags"],
            ),
        )
