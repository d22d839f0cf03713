"""ExtendNetworkController: ack-extend-network-controller, which gives pods an EIP.

Owns: the Helm release and its values.
Leaves alone: the EIPs that pods get. They outlive the controller, so pods with an EIP go first.
"""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components import given
from components.manifests.addon import EXTEND_NETWORK_CONTROLLER, extend_network_controller_values
from config import StackSettings
from config.addons import OwnedExtendNetworkController


@dataclass(frozen=True, kw_only=True)
class ExtendNetworkControllerArgs:
    """What an ExtendNetworkController needs."""

    settings: StackSettings
    """The stack's settings."""


class ExtendNetworkController(pulumi.ComponentResource):
    """ack-extend-network-controller, installed and protected by this stack, given, or left out."""

    installed: pulumi.Output[str | None]
    """What shows that the controller is there: its release, or its resource definition; None where it is left out."""

    def __init__(
        self, name: str, args: ExtendNetworkControllerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ack-platform:index:ExtendNetworkController", name, None, opts)
        stated = args.settings.addons.extend_network_controller
        if isinstance(stated, OwnedExtendNetworkController):
            self.installed = self._release(f"{name}-release", args.settings, stated).name
        elif stated is not None:
            self.installed = given.extend_network_controller(f"{name}-definition", self)
        else:
            self.installed = pulumi.Output.from_input(None)
        self.register_outputs({"installed": self.installed})

    def _release(self, name: str, settings: StackSettings, stated: OwnedExtendNetworkController) -> k8s.helm.v3.Release:
        """The release. It is awaited: a pod that asks for an EIP before the controller runs would get none."""
        chart = stated.chart
        in_repository = chart.source == "repository"
        return k8s.helm.v3.Release(
            name,
            name=EXTEND_NETWORK_CONTROLLER,
            namespace=stated.namespace,
            chart=chart.name if in_repository else chart.location,
            version=chart.version,
            repository_opts=k8s.helm.v3.RepositoryOptsArgs(repo=chart.location) if in_repository else None,
            values=extend_network_controller_values(settings),
            skip_await=False,
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protects(name)),
        )
