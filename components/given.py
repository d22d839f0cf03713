"""What a stack is given: looked up at preview, and refused with what is missing. Nothing here is ever written.

Each function returns an output that exists only once the check has passed, so whoever uses it comes after the check.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

import pulumi
import pulumi_alicloud as alicloud
from config import StackSettings
from config.alb import AlbById
from config.errors import Problem
from config.nas import GivenNas


@dataclass(frozen=True)
class LoadBalancer:
    """A given ALB that passed its checks."""

    id: str
    """The instance id."""
    dns_name: str | None
    """Its DNS name."""


def addon(settings: StackSettings, name: str, path: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The version of an installed add-on.

    Args:
        settings: the stack's settings.
        name: the add-on's name in ACK.
        path: the settings key that gives it.
        parent: the component whose provider is asked.
    """
    found = alicloud.cs.get_kubernetes_addons_output(
        cluster_id=settings.cluster.id, name_regex=f"^{name}$", opts=pulumi.InvokeOutputOptions(parent=parent)
    )

    def check(answer: alicloud.cs.GetKubernetesAddonsResult) -> str:
        for each in answer.addons or ():
            if each.name == name and each.current_version:
                return each.current_version
        rule = f"must be installed in the cluster {settings.cluster.id}: the add-on {name} is not"
        return _refuse(settings, path, "given", rule, "install it, or set ownership: owned in one stack of the cluster")

    return found.apply(check)


def load_balancer(
    settings: StackSettings, given: AlbById, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str | None]]:
    """Id and DNS name of a given ALB: it exists, in the cluster's VPC, and its edition serves Ingresses."""
    found = alicloud.alb.get_load_balancers_output(ids=[given.id], opts=pulumi.InvokeOutputOptions(parent=parent))

    def check(answer: alicloud.alb.GetLoadBalancersResult) -> LoadBalancer:
        balancer = _only((each for each in answer.balancers or () if each.id == given.id))
        if balancer is None:
            rule = f"must be an ALB of the region {settings.cluster.region}: there is none with this id"
            return _refuse(settings, "alb.id", given.id, rule, "copy the instance id from the ALB console")
        if balancer.vpc_id != settings.cluster.vpc:
            rule = f"must be an ALB in the cluster's VPC {settings.cluster.vpc}: this one is in {balancer.vpc_id}"
            return _refuse(settings, "alb.id", given.id, rule, "name an ALB of that VPC")
        if balancer.load_balancer_edition == "Basic":
            rule = "must be an ALB of edition Standard or StandardWithWaf: this one is Basic"
            return _refuse(settings, "alb.id", given.id, rule, "upgrade it; the Ingress Controller refuses Basic")
        return LoadBalancer(balancer.id, balancer.dns_name)

    checked = found.apply(check)
    return checked.apply(lambda each: each.id), checked.apply(lambda each: each.dns_name)


def file_system(
    settings: StackSettings, given: GivenNas, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Id and mount target of a given file system: both exist, it speaks NFS, and the cluster's VPC reaches it."""
    opts = pulumi.InvokeOutputOptions(parent=parent)

    def check_system(answer: alicloud.nas.GetFileSystemsResult) -> str:
        system = _only(each for each in answer.systems or () if each.id == given.id)
        if system is None:
            rule = f"must be a file system of the region {settings.cluster.region}: there is none with this id"
            return _refuse(settings, "nas.fileSystem.id", given.id, rule, "copy the id from the NAS console")
        if system.protocol_type != "NFS":
            rule = f"must be an NFS file system: this one speaks {system.protocol_type}"
            return _refuse(settings, "nas.fileSystem.id", given.id, rule, "name an NFS file system")
        return given.id

    def check_target(answer: alicloud.nas.GetMountTargetsResult) -> str:
        domain, path = given.mount_target, "nas.fileSystem.mountTarget"
        target = _only(each for each in answer.targets or () if each.mount_target_domain == domain)
        if target is None:
            rule = f"must be a mount target of the file system {given.id}: it has none with this domain name"
            return _refuse(settings, path, domain, rule, "copy the domain name from the file system's mount targets")
        if target.vpc_id != settings.cluster.vpc:
            rule = f"must be in the cluster's VPC {settings.cluster.vpc}: this mount target is in {target.vpc_id}"
            return _refuse(settings, path, domain, rule, "name or create a mount target in that VPC")
        return domain

    checked = alicloud.nas.get_file_systems_output(ids=[given.id], opts=opts).apply(check_system)
    targets = alicloud.nas.get_mount_targets_output(file_system_id=checked, opts=opts)
    return checked, targets.apply(check_target)
