"""Which of the stack's own NetworkPolicies lets a service out to an address."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from components.manifests.metadata import Manifest
from components.manifests.network_policy import network_policies
from components.manifests.objects import objects_of
from config import StackSettings


def lets_out(settings: StackSettings, service: str, address: str, port: int, *, inside: bool) -> str | None:
    """The name of the first policy that lets the service's pods connect there; None where none does.

    Args:
        settings: the stack's settings, with NetworkPolicies.
        service: whose pods connect.
        address: where to.
        port: the TCP port.
        inside: whether a pod of the same namespace answers there.
    """
    for policy in _policies(settings, service):
        if any(
            _ports(rule, port) and _peers(rule, address, inside=inside) for rule in policy["spec"].get("egress") or ()
        ):
            return str(policy["metadata"]["name"])
    return None


def _policies(settings: StackSettings, service: str) -> Iterator[Manifest]:
    """Those that choose all pods of the namespace, and the service's own."""
    stated = settings.environment.network_policies
    if stated is not None:
        yield from network_policies(settings, stated, settings.namespace).values()
        yield objects_of(settings, service)["network-policy"]


def _ports(rule: Manifest, port: int) -> bool:
    ports = rule.get("ports")
    return not ports or any(each["port"] == port and each.get("protocol", "TCP") == "TCP" for each in ports)


def _peers(rule: Manifest, address: str, *, inside: bool) -> bool:
    """Whether a rule names the address; which pods a selector of other namespaces means, no setting says."""
    peers = rule.get("to")
    return not peers or any(
        ip_address(address) in ip_network(peer["ipBlock"]["cidr"])
        if "ipBlock" in peer
        else inside and "namespaceSelector" not in peer
        for peer in peers
    )
