"""What a stack makes in the cloud account that rules judge or that costs, as inputs by the provider's own names."""

from collections.abc import Iterator

from components.manifests.metadata import Manifest, Opaque
from config import StackSettings
from config.alb import OwnedAlb
from config.nas import AccessRule, OwnedNas

NAS_TYPE = "standard"
"""General-purpose NAS, as the provider calls it."""


def cloud_resources(settings: StackSettings) -> Iterator[Manifest]:
    """A stack's own ALB and NAS, each with its type's name as ``kind``; what is given is its owner's."""
    if isinstance(settings.alb, OwnedAlb):
        yield {"kind": "LoadBalancer", **load_balancer(settings, settings.alb)}
    stated = settings.nas.file_system
    if isinstance(stated, OwnedNas):
        yield {"kind": "FileSystem", **file_system(settings, stated)}
        for rule in access_rules(settings, stated):
            yield {"kind": "AccessRule", **access_rule(rule, access_group(settings))}


def load_balancer(settings: StackSettings, stated: OwnedAlb) -> Manifest:
    """The ALB. Each optional input that cannot change later is set: left out, a later run may want a new ALB.

    Source: https://www.pulumi.com/registry/packages/alicloud/api-docs/alb/loadbalancer/
    """
    zones = {switch.id: switch.zone for switch in settings.cluster.v_switches}
    log = stated.access_log
    return {
        "loadBalancerName": stated.name or f"{settings.environment.name}-alb",
        "loadBalancerEdition": stated.edition,
        "loadBalancerBillingConfig": {"payType": "PayAsYouGo"},
        "addressType": stated.address_type,
        "addressAllocatedMode": stated.address_allocated_mode,
        "addressIpVersion": "IPv4",
        "vpcId": settings.cluster.vpc,
        "zoneMappings": [{"vswitchId": switch, "zoneId": zones[switch]} for switch in stated.v_switches],
        "accessLogConfig": None if log is None else {"logProject": log.project, "logStore": log.log_store},
        "bandwidthPackageId": stated.bandwidth_package,
        "deletionProtectionConfig": {"enabled": True},
        "tags": {"env": settings.environment.name},
    }


def file_system(settings: StackSettings, stated: OwnedNas) -> Manifest:
    """The NAS file system.

    No VPC and no vSwitch here: a general-purpose file system does not report them, and each run would replace it.

    Source: https://www.pulumi.com/registry/packages/alicloud/api-docs/nas/filesystem/
    """
    return {
        "fileSystemType": NAS_TYPE,
        "protocolType": "NFS",
        "storageType": stated.storage_type,
        "encryptType": 1 if stated.encryption == "nas-managed" else 0,
        "description": f"DATA_DIR of {settings.environment.name}",
        "tags": {"env": settings.environment.name},
    }


def access_group(settings: StackSettings) -> str:
    """The name of the group that the file system's rules are in."""
    return f"{settings.environment.name}-nas"


def access_rules(settings: StackSettings, stated: OwnedNas) -> tuple[AccessRule, ...]:
    """The stated rules, or one for each network of the cluster's vSwitches: read and write, root not squashed."""
    networks = dict.fromkeys(switch.cidr for switch in settings.cluster.v_switches)
    return stated.access_rules or tuple(AccessRule(source=network) for network in networks)


def access_rule(rule: AccessRule, group: Opaque) -> Manifest:
    """Who may mount the file system.

    Args:
        rule: what the stack file says.
        group: the access group's name.

    Source: https://www.pulumi.com/registry/packages/alicloud/api-docs/nas/accessrule/
    """
    return {
        "accessGroupName": group,
        "fileSystemType": NAS_TYPE,
        "sourceCidrIp": rule.source,
        "rwAccessType": rule.access,
        "userAccessType": rule.squash,
        "priority": rule.priority,
    }
