"""AlbIngressController: the add-on (组件) that makes an ALB serve Ingresses.

Owns: the add-on's installation and its configuration.
Leaves alone: every AlbConfig and ALB. Removing the add-on is up to a person: the cloud's provider only forgets it.
"""

from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from components import given
from components.manifests.addon import ALB_INGRESS_CONTROLLER, alb_ingress_controller_config
from config import StackSettings
from config.addons import OwnedAlbIngressController


@dataclass(frozen=True, kw_only=True)
class AlbIngressControllerArgs:
    """What an AlbIngressController needs."""

    settings: StackSettings
    """The stack's settings."""


class AlbIngressController(pulumi.ComponentResource):
    """ALB Ingress Controller, installed and protected by this stack, or given."""

    version: pulumi.Output[str]
    """The installed version; it exists once the controller does."""

    def __init__(self, name: str, args: AlbIngressControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ack-platform:index:AlbIngressController", name, None, opts)
        stated = args.settings.addons.alb_ingress_controller
        if isinstance(stated, OwnedAlbIngressController):
            addon = alicloud.cs.KubernetesAddon(
                f"{name}-addon",
                cluster_id=args.settings.cluster.id,
                name=ALB_INGRESS_CONTROLLER,
                version=stated.version,
                config=alb_ingress_controller_config(),
                opts=pulumi.ResourceOptions(parent=self, protect=args.settings.protects(f"{name}-addon")),
            )
            self.version = addon.version
        else:
            self.version = given.addon(args.settings, ALB_INGRESS_CONTROLLER, "addons.albIngressController", self)
        self.register_outputs({"version": self.version})
