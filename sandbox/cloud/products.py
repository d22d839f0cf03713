"""The Alibaba Cloud resource types that the sandbox creates, as data.

Inputs, requirements, allowed values and force-new fields are those of the provider's published documentation:
https://www.pulumi.com/registry/packages/alicloud/api-docs/ and
https://github.com/aliyun/terraform-provider-alicloud/tree/master/website/docs/r.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.cloud.contents import Contents


@dataclass(frozen=True, slots=True)
class Product:
    """One resource type.

    Attributes:
        inputs: every input that the provider knows.
        required: inputs that must be there.
        either: groups of inputs of which one must be there.
        force_new: inputs whose change replaces the resource.
        allowed: inputs with a fixed set of values.
        defaults: values that the cloud takes for absent inputs, and reports.
        computed: outputs known only after creation.
        not_computed: optional force-new inputs that the provider compares with what the cloud reports even when the
            program leaves them out: an unset one is a proposed replacement at the next preview.
    """

    inputs: frozenset[str]
    required: tuple[str, ...]
    force_new: tuple[str, ...]
    computed: tuple[str, ...]
    either: tuple[tuple[str, ...], ...] = ()
    allowed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    not_computed: tuple[str, ...] = ()


LOAD_BALANCER = "alicloud:alb/loadBalancer"
FILE_SYSTEM = "alicloud:nas/fileSystem"
ACCESS_GROUP = "alicloud:nas/accessGroup"
ACCESS_RULE = "alicloud:nas/accessRule"
MOUNT_TARGET = "alicloud:nas/mountTarget"
ADDON = "alicloud:cs/kubernetesAddon"
NETWORK = "alicloud:vpc/network"
SWITCH = "alicloud:vpc/switch"
CLUSTER = "alicloud:cs/managedKubernetes"
CERTIFICATE = "alicloud:cas/serviceCertificate"

_FILE_SYSTEM_TYPES = ("standard", "extreme", "cpfs")

PRODUCTS: Mapping[str, Product] = {
    LOAD_BALANCER: Product(
        inputs=frozenset(
            [
                "accessLogConfig",
                "addressAllocatedMode",
                "addressIpVersion",
                "addressType",
                "bandwidthPackageId",
                "deletionProtectionConfig",
                "deletionProtectionEnabled",
                "dryRun",
                "ipv6AddressType",
                "loadBalancerBillingConfig",
                "loadBalancerEdition",
                "loadBalancerName",
                "modificationProtectionConfig",
                "resourceGroupId",
                "tags",
                "vpcId",
                "zoneMappings",
            ]
        ),
        required=("addressType", "loadBalancerBillingConfig", "loadBalancerEdition", "vpcId", "zoneMappings"),
        force_new=("addressAllocatedMode", "addressIpVersion", "loadBalancerBillingConfig", "vpcId"),
        computed=("createTime", "dnsName", "regionId", "status"),
        allowed={
            "addressType": ("Internet", "Intranet"),
            "addressAllocatedMode": ("Fixed", "Dynamic"),
            "addressIpVersion": ("IPv4", "DualStack"),
            "loadBalancerEdition": ("Basic", "Standard", "StandardWithWaf"),
        },
        defaults={
            "addressAllocatedMode": "Dynamic",
            "addressIpVersion": "IPv4",
            "deletionProtectionEnabled": False,
            "modificationProtectionConfig": {"status": "NonProtection"},
            "resourceGroupId": "rg-sandbox",
        },
        not_computed=("addressAllocatedMode",),
    ),
    FILE_SYSTEM: Product(
        inputs=frozenset(
            [
                "capacity",
                "description",
                "encryptType",
                "fileSystemType",
                "keytab",
                "keytabMd5",
                "kmsKeyId",
                "nfsAcl",
                "options",
                "protocolType",
                "recycleBin",
                "redundancyType",
                "redundancyVswitchIds",
                "resourceGroupId",
                "smbAcl",
                "snapshotId",
                "storageType",
                "tags",
                "vpcId",
                "vswitchId",
                "zoneId",
            ]
        ),
        required=("protocolType", "storageType"),
        force_new=(
            "encryptType",
            "fileSystemType",
            "kmsKeyId",
            "protocolType",
            "redundancyType",
            "redundancyVswitchIds",
            "snapshotId",
            "storageType",
            "vpcId",
            "vswitchId",
            "zoneId",
        ),
        computed=("createTime", "regionId", "status"),
        allowed={
            "encryptType": (0, 1, 2),
            "fileSystemType": _FILE_SYSTEM_TYPES,
            "protocolType": ("NFS", "SMB", "cpfs"),
            "storageType": ("Performance", "Capacity", "Premium", "standard", "advance", "advance_100", "advance_200"),
        },
        defaults={"encryptType": 0, "fileSystemType": "standard", "resourceGroupId": "rg-sandbox"},
        not_computed=("vpcId", "vswitchId"),
    ),
    ACCESS_GROUP: Product(
        inputs=frozenset(["accessGroupName", "accessGroupType", "description", "fileSystemType", "name", "type"]),
        required=(),
        either=(("accessGroupName", "name"), ("accessGroupType", "type")),
        force_new=("accessGroupName", "accessGroupType", "fileSystemType", "name", "type"),
        computed=("createTime", "regionId"),
        allowed={
            "accessGroupType": ("Vpc", "Classic"),
            "type": ("Vpc", "Classic"),
            "fileSystemType": _FILE_SYSTEM_TYPES,
        },
        defaults={"fileSystemType": "standard"},
    ),
    ACCESS_RULE: Product(
        inputs=frozenset(
            [
                "accessGroupName",
                "fileSystemType",
                "ipv6SourceCidrIp",
                "priority",
                "rwAccessType",
                "sourceCidrIp",
                "userAccessType",
            ]
        ),
        required=("accessGroupName",),
        either=(("sourceCidrIp", "ipv6SourceCidrIp"),),
        force_new=("accessGroupName", "fileSystemType"),
        computed=("accessRuleId", "regionId"),
        allowed={
            "rwAccessType": ("RDWR", "RDONLY"),
            "userAccessType": ("no_squash", "root_squash", "all_squash"),
            "priority": tuple(range(1, 101)),
            "fileSystemType": _FILE_SYSTEM_TYPES,
        },
        defaults={"fileSystemType": "standard", "priority": 1, "rwAccessType": "RDWR", "userAccessType": "no_squash"},
    ),
    MOUNT_TARGET: Product(
        inputs=frozenset(
            [
                "accessGroupName",
                "dualStack",
                "fileSystemId",
                "networkType",
                "securityGroupId",
                "status",
                "vpcId",
                "vswitchId",
            ]
        ),
        required=("fileSystemId",),
        force_new=("fileSystemId", "networkType", "securityGroupId", "vpcId", "vswitchId"),
        computed=("mountTargetDomain",),
        allowed={"networkType": ("Vpc", "Classic"), "status": ("Active", "Inactive")},
        defaults={"accessGroupName": "DEFAULT_VPC_GROUP_NAME", "networkType": "Vpc", "status": "Active"},
    ),
    ADDON: Product(
        inputs=frozenset(["cleanupCloudResources", "clusterId", "config", "name", "version"]),
        required=("clusterId", "name"),
        force_new=("clusterId", "name"),
        computed=("canUpgrade", "nextVersion", "required"),
    ),
}
# What exists in the account and is never created here: read and looked up only.
GIVEN = (NETWORK, SWITCH, CLUSTER, CERTIFICATE)


def region(contents: Contents) -> str:
    """Return the region of the account's cluster."""
    return next((str(entry.object["regionId"]) for entry in contents.of_type(CLUSTER)), "cn-hangzhou")


def product_of(token: str) -> tuple[str, Product | None]:
    """Return the type in the cloud's contents of ``alicloud:alb/loadBalancer:LoadBalancer``, and its product."""
    kind = token.rpartition(":")[0]
    return kind, PRODUCTS.get(kind)
