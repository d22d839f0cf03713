"""Stacks of one cluster against each other: what each may have only for itself.

The engine knows one stack at a time, so a clash would be met only by the second `pulumi up`.
"""

from collections.abc import Iterator, Sequence

from config.alb import AlbById, AlbByIngressClass
from config.errors import Problem
from config.nas import OwnedVolume
from config.stack import StackSettings


def check(stacks: Sequence[StackSettings]) -> Iterator[tuple[str, Problem]]:
    """Everything that a later stack takes although an earlier one has it, with the later stack's name.

    Args:
        stacks: valid settings of stacks, in the order of their files.
    """
    owners: dict[tuple[str, str, str], str] = {}
    for settings in stacks:
        for kind, name, path, mend in _claims(settings):
            owner = owners.setdefault((settings.cluster.id, kind, name), settings.stack)
            if owner != settings.stack:
                rule = f'must not be the {kind} of the stack "{owner}", which is on the same cluster'
                yield settings.stack, Problem(path, rule, mend, name)


def _claims(settings: StackSettings) -> Iterator[tuple[str, str, str, str]]:
    """Kind and name of what a stack takes for itself in the cluster, where it is stated, and what to do about it."""
    environment = settings.environment.name
    yield "namespace", settings.namespace, "environment.name", "a name of its own"
    if isinstance(settings.nas.volume, OwnedVolume):
        yield "PersistentVolume", settings.claim, "nas.volume.name", f"for example {environment}-nas"
    if not isinstance(settings.alb, AlbByIngressClass):
        yield "IngressClass", settings.ingress_class, "alb.ingressClass", f"for example {environment}-alb"
    if isinstance(settings.alb, AlbById):
        yield "ALB", settings.alb.id, "alb.id", "an ALB of its own, or ownership: givenByIngressClass"
    addons = settings.addons
    for key, addon in (
        ("albIngressController", addons.alb_ingress_controller),
        ("extendNetworkController", addons.extend_network_controller),
    ):
        if addon is not None and addon.ownership == "owned":
            yield "add-on", key, f"addons.{key}.ownership", "given: one stack of a cluster owns an add-on"
    hosts = {}
    for name, service in settings.services.items():
        host = settings.host(name)
        if host is not None and service.ingress is not None and service.ingress.canary is None:
            hosts[host] = name
    for host, name in hosts.items():
        yield "host", host, f"services.{name}.ingress.host", f"for example {name}.{environment}.example.com"
