"""What a stack is given: looked up at preview, and refused with what is missing. Nothing here is ever written.

Each function returns an output that exists only once the check has passed, so whoever uses it comes after the check.
A check returns what it lets through, never None: a preview takes None for unknown, and whatever depends on an unknown
name is looked up no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import pulumi
import pulumi_alicloud as alicloud
import pulumi_kubernetes as k8s

from components.manifests.addon import POD_EIP_DEFINITION
from components.manifests.ingress_class import CONTROLLER
from config import StackSettings
from config.alb import AlbById
from config.errors import Problem
from config.nas import GivenNas
from config.stack import PROJECT

T = TypeVar("T")
_STRICTNESS = ("privileged", "baseline", "restricted")


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
        raise _refusal(settings, path, "given", rule, "install it, or set ownership: owned in one stack of the cluster")

    return found.apply(check)


def load_balancer(
    settings: StackSettings, given: AlbById, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str | None]]:
    """Id and DNS name of a given ALB: it exists, in the cluster's VPC, and its edition serves Ingresses."""
    found = alicloud.alb.get_load_balancers_output(ids=[given.id], opts=pulumi.InvokeOutputOptions(parent=parent))

    def check(answer: alicloud.alb.GetLoadBalancersResult) -> LoadBalancer:
        balancer = _only(each for each in answer.balancers or () if each.id == given.id)
        if balancer is None:
            rule = f"must be an ALB of the region {settings.cluster.region}: there is none with this id"
            raise _refusal(settings, "alb.id", given.id, rule, "copy the instance id from the ALB console")
        if balancer.vpc_id != settings.cluster.vpc:
            rule = f"must be an ALB in the cluster's VPC {settings.cluster.vpc}: this one is in {balancer.vpc_id}"
            raise _refusal(settings, "alb.id", given.id, rule, "name an ALB of that VPC")
        if balancer.load_balancer_edition == "Basic":
            rule = "must be an ALB of edition Standard or StandardWithWaf: this one is Basic"
            raise _refusal(settings, "alb.id", given.id, rule, "upgrade it; the Ingress Controller refuses Basic")
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
            raise _refusal(settings, "nas.fileSystem.id", given.id, rule, "copy the id from the NAS console")
        if system.protocol_type != "NFS":
            rule = f"must be an NFS file system: this one speaks {system.protocol_type}"
            raise _refusal(settings, "nas.fileSystem.id", given.id, rule, "name an NFS file system")
        return given.id

    def check_target(answer: alicloud.nas.GetMountTargetsResult) -> str:
        domain, path = given.mount_target, "nas.fileSystem.mountTarget"
        target = _only(each for each in answer.targets or () if each.mount_target_domain == domain)
        if target is None:
            rule = f"must be a mount target of the file system {given.id}: it has none with this domain name"
            raise _refusal(settings, path, domain, rule, "copy the domain name from the file system's mount targets")
        if target.vpc_id != settings.cluster.vpc:
            rule = f"must be in the cluster's VPC {settings.cluster.vpc}: this mount target is in {target.vpc_id}"
            raise _refusal(settings, path, domain, rule, "name or create a mount target in that VPC")
        return domain

    checked = alicloud.nas.get_file_systems_output(ids=[given.id], opts=opts).apply(check_system)
    targets = alicloud.nas.get_mount_targets_output(file_system_id=checked, opts=opts)
    return checked, targets.apply(check_target)


def extend_network_controller(name: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The resource definition that ack-extend-network-controller brings; ACK does not list it among its add-ons."""
    opts = pulumi.ResourceOptions(parent=parent)
    return _once_read(
        k8s.apiextensions.v1.CustomResourceDefinition.get(name, POD_EIP_DEFINITION, opts), POD_EIP_DEFINITION
    )


def namespace(name: str, settings: StackSettings, parent: pulumi.Resource) -> pulumi.Output[str]:
    """A given namespace; were it stricter than the settings say, its pods would be refused one by one later."""
    found = k8s.core.v1.Namespace.get(name, settings.namespace, pulumi.ResourceOptions(parent=parent))

    def check(metadata: k8s.meta.v1.outputs.ObjectMeta | None) -> str:
        labels = (metadata.labels if metadata else None) or {}
        live = labels.get("pod-security.kubernetes.io/enforce", "privileged")
        stated = settings.environment.namespace.pod_security
        if live in _STRICTNESS and _STRICTNESS.index(live) > _STRICTNESS.index(stated):
            rule = f"must be the level that the given namespace {settings.namespace} enforces: it enforces {live}"
            raise _refusal(settings, "environment.namespace.podSecurity", stated, rule, f"podSecurity: {live}")
        return settings.namespace

    return found.metadata.apply(check)


def claim(name: str, claim_name: str, namespace: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """A given PersistentVolumeClaim."""
    opts = pulumi.ResourceOptions(parent=parent)
    return _once_read(k8s.core.v1.PersistentVolumeClaim.get(name, _id(namespace, claim_name), opts), claim_name)


def resource_quota(name: str, quota: str, namespace: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """A given ResourceQuota."""
    opts = pulumi.ResourceOptions(parent=parent)
    return _once_read(k8s.core.v1.ResourceQuota.get(name, _id(namespace, quota), opts), quota)


def limit_range(name: str, limits: str, namespace: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """A given LimitRange."""
    opts = pulumi.ResourceOptions(parent=parent)
    return _once_read(k8s.core.v1.LimitRange.get(name, _id(namespace, limits), opts), limits)


def pull_secret(name: str, secret: str, namespace: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """A given image pull Secret; what is read of it stays encrypted, its metadata too.

    ``kubectl apply`` keeps a copy of the whole object, credentials included, in an annotation.
    """
    opts = pulumi.ResourceOptions(parent=parent, additional_secret_outputs=["metadata"])
    return _once_read(k8s.core.v1.Secret.get(name, _id(namespace, secret), opts), secret)


def ingress_class(name: str, settings: StackSettings, parent: pulumi.Resource) -> pulumi.Output[str]:
    """A given IngressClass; the ALB Ingress Controller must be the one that serves it."""
    stated = settings.ingress_class
    found = k8s.networking.v1.IngressClass.get(name, stated, pulumi.ResourceOptions(parent=parent))

    def check(spec: k8s.networking.v1.outputs.IngressClassSpec | None) -> str:
        controller = spec.controller if spec else None
        if controller != CONTROLLER:
            rule = f"must be an IngressClass of the controller {CONTROLLER}: this one has {controller}"
            raise _refusal(settings, "alb.ingressClass", stated, rule, "kubectl get ingressclass lists the classes")
        return stated

    return found.spec.apply(check)


def _id(namespace: pulumi.Input[str], name: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(namespace, "/", name)


def _once_read(found: pulumi.CustomResource, name: str) -> pulumi.Output[str]:
    """The name of an object, known as soon as the object was read.

    Not taken from the object's id: the SDK calls that unknown in every preview under an engine that does not send it
    back, and each Deployment would show a change that no run makes.
    """
    return found.urn.apply(lambda _urn: name)


def _only(found: Iterable[T]) -> T | None:
    return next(iter(found), None)


def _refusal(settings: StackSettings, path: str, value: object, rule: str, mend: str) -> pulumi.RunError:
    problem = Problem(f"{PROJECT}:{path}", rule, mend, value, file=f"Pulumi.{settings.stack}.yaml")
    return pulumi.RunError(f"What the stack is given is not there.\n\n{problem}")
