"""Public addresses of pods."""

import ipaddress
from collections.abc import Iterator

from config.checks.table import table
from config.errors import Problem
from config.stack import StackSettings

FEWER = "fewer replicas, or a NAT gateway for the VPC, or eips: {} once Quota Center raised eip_quota_instances_num"
"""What to do about too many EIPs."""


def check(settings: StackSettings) -> Iterator[Problem]:
    """EIPs that nobody would allocate, that outlive their pod, or through which nothing could be reached."""
    for name, service in settings.services.items():
        if service.eip is None:
            continue
        path = f"services.{name}.eip"
        if settings.cluster.network != "terway":
            yield Problem(
                path, "must be left out on Flannel: pods get an EIP only with Terway", "a NAT gateway instead"
            )
        elif settings.addons.extend_network_controller is None:
            mend = "addons.extendNetworkController: {ownership: given}, or owned with its chart"
            yield Problem(path, "must stand beside the controller that allocates EIPs", mend)
        if service.eip.release_strategy != "Follow":
            rule = "must be Follow: other strategies keep the EIP for a pod of the same name, which never comes"
            yield Problem(f"{path}.releaseStrategy", rule, "Follow", service.eip.release_strategy)
        if not _reaches_out(settings, name):
            rule = "must be allowed by the NetworkPolicies: no egress rule leads to a public address"
            yield Problem(path, rule, f"services.{name}.egress: [{{cidr: 0.0.0.0/0, ports: [443]}}]")
    counted, most = eips(settings), settings.cluster.quotas.eips
    needed = sum(counted.values())
    if needed > most:
        rule = f"must hold an EIP for every replica, and one more of each service during a rollout:{table(counted)}"
        yield Problem("cluster.quotas.eips", rule, FEWER.format(needed), most)


def eips(settings: StackSettings) -> dict[str, int]:
    """The most EIPs that pods of each service have at one time; a rollout starts one pod before it ends another."""
    replicas = {name: each.most_replicas for name, each in settings.services.items() if each.eip is not None}
    return {name: most + 1 for name, most in replicas.items() if most}


def _reaches_out(settings: StackSettings, name: str) -> bool:
    policies = settings.environment.network_policies
    if policies is None:
        return True
    rules = (*policies.egress, *settings.services[name].egress)
    return any(not ipaddress.ip_network(rule.cidr).is_private for rule in rules)
