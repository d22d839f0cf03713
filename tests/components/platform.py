"""Running the platform's components in the order in which a stack does, each in update and in preview mode."""

from typing import Any

import pulumi

from components.alb_ingress_controller import AlbIngressController, AlbIngressControllerArgs
from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from components.environment import Environment, EnvironmentArgs
from components.extend_network_controller import ExtendNetworkController, ExtendNetworkControllerArgs
from components.log_retention import LogRetention, LogRetentionArgs
from components.nas_file_system import NasFileSystem, NasFileSystemArgs
from components.nas_volume import NasVolume, NasVolumeArgs
from components.providers import make_providers
from config import StackSettings
from config.engine import Secrets
from tests.given_cloud import answers, live
from tests.recorder import Recording, run
from tests.settings import ROOT

EXISTING = ROOT / "docs" / "examples" / "existing-cluster"
CANARY = "canary-value-of-a-secret"


def record(
    settings: StackSettings,
    *,
    preview: bool = False,
    cloud: dict[str, Any] | None = None,
    objects: Any = None,
    recording: Recording | None = None,
) -> Recording:
    """Run all components.

    Args:
        settings: the stack's settings.
        preview: run as a preview.
        cloud: what data sources answer; unset: everything that the settings say is given.
        objects: the state of the objects that are read, by id; unset: likewise.
        recording: filled as the program runs.
    """
    return run(
        lambda: _program(settings),
        preview=preview,
        stack=settings.stack,
        answers=answers(settings) if cloud is None else cloud,
        live=live(settings) if objects is None else objects,
        recording=recording,
    )


def secrets() -> Secrets:
    """Three secrets with a value that must appear nowhere in plain."""
    value: pulumi.Output[str] = pulumi.Output.secret(CANARY)
    return Secrets(kubeconfig=value, nacos_password=value, registry_password=value)


def _program(settings: StackSettings) -> dict[str, Any]:
    hidden = secrets()
    opts = pulumi.ResourceOptions(providers=make_providers(settings, hidden))
    controller = AlbIngressController("controller", AlbIngressControllerArgs(settings=settings), opts)
    network = ExtendNetworkController("network", ExtendNetworkControllerArgs(settings=settings), opts)
    alb_args = ApplicationLoadBalancerArgs(settings=settings, controller=controller)
    alb = ApplicationLoadBalancer("alb", alb_args, opts)
    nas = NasFileSystem("nas", NasFileSystemArgs(settings=settings), opts)
    environment = Environment("env", EnvironmentArgs(settings=settings, secrets=hidden), opts)
    volume_args = NasVolumeArgs(settings=settings, server=nas.mount_target, namespace=environment.namespace)
    volume = NasVolume("volume", volume_args, opts)
    retention = LogRetentionArgs(
        settings=settings,
        namespace=environment.namespace,
        claim=volume.claim,
        pull_secret=environment.pull_secret,
    )
    LogRetention("retention", retention, opts)
    return {
        "version": controller.version,
        "installed": network.installed,
        "alb_id": alb.alb_id,
        "dns_name": alb.dns_name,
        "ingress_class": alb.ingress_class,
        "file_system_id": nas.file_system_id,
        "mount_target": nas.mount_target,
        "namespace": environment.namespace,
        "pull_secret": environment.pull_secret,
        "nacos_secret": environment.nacos_secret,
        "claim": volume.claim,
    }
