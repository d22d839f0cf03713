"""Stacks of one cluster against each other: what each may have only for itself, and what they share the limit of.

The engine knows one stack at a time, so a clash would be met only by the second `pulumi up`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.alb import AlbById, AlbByIngressClass
from config.checks import eip, ingress_rules, nas_neighbours
from config.checks.table import table
from config.errors import Problem
from config.nas import GivenNas, OwnedVolume
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
    yield from nas_neighbours.check(stacks)
    for quota in _QUOTAS:
        yield from _together(stacks, quota)


@dataclass(frozen=True)
class _Quota:
    """A quota of the account that stacks share."""

    path: str
    """Where a stack states it."""
    what: str
    """What it is of."""
    most: Callable[[StackSettings], int]
    """What a stack states."""
    counts: Callable[[StackSettings], Mapping[str, int]]
    """How much of it each service of a stack takes."""
    share: Callable[[StackSettings], str]
    """Stacks of one cluster with the same one share it."""
    mend: str
    """With a place for the sum."""


_QUOTAS = (
    _Quota(
        "alb.quotas.rules",
        "forwarding rules of all stacks on the one ALB",
        lambda settings: settings.alb.quotas.rules,
        ingress_rules.forwarding_rules,
        lambda settings: settings.ingress_class,
        ingress_rules.FEWER,
    ),
    _Quota(
        "cluster.quotas.eips",
        "EIPs of all stacks in the one region, a rollout's among them",
        lambda settings: settings.cluster.quotas.eips,
        eip.eips,
        lambda settings: settings.cluster.region,
        eip.FEWER,
    ),
)


def _together(stacks: Sequence[StackSettings], quota: _Quota) -> Iterator[tuple[str, Problem]]:
    """A quota that stacks exceed together though none does alone, told of the stack that goes beyond it.

    It is the account's, so the largest that any of them states is what there is; a smaller one binds its own stack.
    """
    groups: dict[tuple[str, str], list[StackSettings]] = defaultdict(list)
    for settings in stacks:
        groups[settings.cluster.id, quota.share(settings)].append(settings)
    for group in groups.values():
        most = max(quota.most(settings) for settings in group)
        counted: dict[str, int] = {}
        for settings in group:
            counted |= {f"{settings.stack} {name}": count for name, count in quota.counts(settings).items()}
            needed = sum(counted.values())
            if needed > most:
                rule = f"must hold the {quota.what}:{table(counted)}"
                yield settings.stack, Problem(quota.path, rule, quota.mend.format(needed), most)
                break


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
    if isinstance(settings.nas.file_system, GivenNas) and settings.nas_path is not None:
        directory = f"{settings.nas.file_system.id}:{settings.nas_path}"
        yield "directory of the NAS", directory, "nas.volume.path", f"for example /{environment}"
    yield from _in_nacos(settings)
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


def _in_nacos(settings: StackSettings) -> Iterator[tuple[str, str, str, str]]:
    """Each service's list of instances: with another stack's in it, callers would reach both environments."""
    if settings.nacos is None:
        return
    where = f"{settings.nacos.address} {settings.nacos_namespace} {settings.nacos.group}"
    for name, service in settings.services.items():
        stated = service.registration.nacos_name
        if stated is not None and settings.registration_mode(name) != "none":
            mend = "nacos.namespaceId: one of its own for each environment"
            yield "service in Nacos", f"{where} {stated}", f"services.{name}.registration.nacosName", mend
