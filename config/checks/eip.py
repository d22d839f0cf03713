"""Public addresses of pods."""

import ipaddress
from collections.abc import Iterator

from config.errors import Problem
from config.service import Service
from config.stack import StackSettings

USUAL_EIP_QUOTA = 20
"""EIPs in a region. Source: https://www.alibabacloud.com/help/en/eip/user-guide/manage-quotas"""


def check(settings: StackSettings) -> Iterator[Problem]:
    """EIPs that nobody would allocate, that outlive their pod, or through which nothing could be reached."""
    total = 0
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
        total += _eips(service)
        if total > USUAL_EIP_QUOTA:
            rule = (
                f"must not bring the stack's EIPs, a rollout's among them, above a region's {USUAL_EIP_QUOTA}: {total}"
            )
            yield Problem(path, rule, "fewer replicas, or a NAT gateway for the VPC instead")


def most_eips(settings: StackSettings) -> int:
    """The most EIPs that the stack's pods have at one time."""
    return sum(_eips(service) for service in settings.services.values())


def _eips(service: Service) -> int:
    """One for each replica, and one for the pod that a rollout starts first."""
    return service.most_replicas + 1 if service.eip is not None and service.most_replicas else 0


def _reaches_out(settings: StackSettings, name: str) -> bool:
    policies = settings.environment.network_policies
    if policies is None:
        return True
    rules = (*policies.egress, *settings.services[name].egress)
    return any(not ipaddress.ip_network(rule.cidr).is_private for rule in rules)
