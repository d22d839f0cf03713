"""The platform of one environment, in the order in which it comes up."""

import pulumi

from components.alb_ingress_controller import AlbIngressController, AlbIngressControllerArgs
from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from components.environment import Environment, EnvironmentArgs
from components.extend_network_controller import ExtendNetworkController, ExtendNetworkControllerArgs
from components.log_retention import LogRetention, LogRetentionArgs
from components.moving_tags import resolve_moving_tags
from components.nas_file_system import NasFileSystem, NasFileSystemArgs
from components.nas_volume import NasVolume, NasVolumeArgs
from components.outputs import platform_outputs
from components.providers import make_providers
from components.spring_service import SpringService, SpringServiceArgs
from config.engine import load_running_stack

settings, secrets = load_running_stack()
settings, unresolved = resolve_moving_tags(settings)
opts = pulumi.ResourceOptions(providers=make_providers(settings, secrets))

controller = AlbIngressController("alb-ingress-controller", AlbIngressControllerArgs(settings=settings), opts)
ExtendNetworkController("extend-network-controller", ExtendNetworkControllerArgs(settings=settings), opts)
alb = ApplicationLoadBalancer("alb", ApplicationLoadBalancerArgs(settings=settings, controller=controller), opts)
file_system = NasFileSystem("nas", NasFileSystemArgs(settings=settings), opts)
environment = Environment("environment", EnvironmentArgs(settings=settings, secrets=secrets), opts)
volume = NasVolume(
    "nas-volume",
    NasVolumeArgs(settings=settings, namespace=environment.namespace, server=file_system.mount_target),
    opts,
)
service_args = SpringServiceArgs(
    settings=settings,
    namespace=environment.namespace,
    claim=volume.claim,
    ingress_class=alb.ingress_class,
    pull_secret=environment.pull_secret,
    nacos_secret=environment.nacos_secret,
    unresolved=unresolved,
)
services = {name: SpringService(name, service_args, opts) for name in settings.services}
retention_args = LogRetentionArgs(
    settings=settings,
    namespace=environment.namespace,
    claim=volume.claim,
    pull_secret=environment.pull_secret,
)
LogRetention("log-retention", retention_args, opts)

outputs = platform_outputs(
    settings, alb=alb, file_system=file_system, environment=environment, volume=volume, services=services
)
list(map(pulumi.export, outputs, outputs.values()))
