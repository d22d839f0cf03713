"""NetworkPolicies: what they need to hold, and what they must let through."""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Policies that nobody enforces, and policies that would cut the services off from Nacos."""
    policies = settings.environment.network_policies
    if policies is None:
        return
    path = "environment.networkPolicies"
    if settings.cluster.network != "terway":
        rule = "must be left out on Flannel, which does not enforce NetworkPolicies: they would be decoration"
        yield Problem(path, rule, "networkPolicies: null, or a cluster with Terway")
    if settings.nacos is not None and not policies.nacos:
        rule = f"must name the networks of the Nacos servers ({settings.nacos.address}): everything else is denied"
        yield Problem(f"{path}.nacos", rule, "for example [10.3.0.0/24]")
    if settings.nacos is None and policies.nacos:
        rule = "must be left out where the stack names no Nacos"
        yield Problem(f"{path}.nacos", rule, "remove it, or set nacos.address", ", ".join(policies.nacos))
