"""The data sources of the ``alicloud`` provider that the sandbox answers.

Shapes are those of the Python SDK's result types; nothing that matches is an empty list, as in the real provider.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from sandbox.cloud import cluster_lookups
from sandbox.cloud.contents import Contents
from sandbox.cloud.products import CERTIFICATE, FILE_SYSTEM, LOAD_BALANCER, MOUNT_TARGET
from sandbox.cloud.refusal import Refusal
from sandbox.cloud.selection import Arguments, demand, fits, listed, selected


def answer(contents: Contents, token: str, arguments: Arguments) -> dict[str, Any]:
    """Answer one data source, such as ``alicloud:alb/getLoadBalancers:getLoadBalancers``.

    Raises:
        Refusal: the sandbox does not have it, or an argument is missing.
    """
    source = _SOURCES.get(token.rpartition(":")[0])
    if source is None:
        raise Refusal(f"data source {token} is not served by the sandbox; it serves {', '.join(sorted(_SOURCES))}")
    found = source(contents, arguments)
    digest = hashlib.sha256(json.dumps([token, arguments], sort_keys=True).encode()).hexdigest()
    return {**arguments, **found, "id": digest[:16]}


def _balancers(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    entries = selected(contents.of_type(LOAD_BALANCER), arguments, "loadBalancerName")
    entries = [
        entry
        for entry in entries
        if fits(entry, arguments, "vpcId", "addressType", "status", "resourceGroupId", "loadBalancerName")
        and entry.id in arguments.get("loadBalancerIds", [entry.id])
        and entry.object.get("vpcId") in arguments.get("vpcIds", [entry.object.get("vpcId")])
        and arguments.get("tags", {}).items() <= entry.object.get("tags", {}).items()
    ]
    texts = ("addressAllocatedMode", "addressType", "bandwidthPackageId", "createTime", "dnsName", "resourceGroupId")
    return {
        "ids": [entry.id for entry in entries],
        "names": [entry.object.get("loadBalancerName", "") for entry in entries],
        "balancers": [
            {
                **{name: entry.object.get(name, "") for name in (*texts, "loadBalancerEdition", "vpcId", "status")},
                "id": entry.id,
                "loadBalancerId": entry.id,
                "loadBalancerName": entry.object.get("loadBalancerName", ""),
                "loadBalancerBusinessStatus": "Normal",
                "loadBalancerBussinessStatus": "Normal",
                "accessLogConfigs": listed(entry.object.get("accessLogConfig")),
                "deletionProtectionConfigs": [
                    {"enabled": bool(entry.object.get("deletionProtectionEnabled")), "enabledTime": ""}
                ],
                "loadBalancerBillingConfigs": listed(entry.object.get("loadBalancerBillingConfig")),
                "loadBalancerOperationLocks": [],
                "modificationProtectionConfigs": [
                    {"reason": "", "status": "NonProtection", **entry.object.get("modificationProtectionConfig", {})}
                ],
                "tags": entry.object.get("tags", {}),
                "zoneMappings": [
                    {
                        "vswitchId": mapping.get("vswitchId") or mapping.get("vSwitchId", ""),
                        "zoneId": mapping.get("zoneId", ""),
                        "status": "Active",
                        "loadBalancerAddresses": [],
                    }
                    for mapping in entry.object.get("zoneMappings", [])
                ],
            }
            for entry in entries
        ],
    }


def _file_systems(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    entries = [
        entry
        for entry in contents.of_type(FILE_SYSTEM)
        if entry.id in arguments.get("ids", [entry.id])
        and re.search(arguments.get("descriptionRegex", ""), entry.object.get("description", ""))
        and fits(entry, arguments, "storageType", "protocolType", "fileSystemType")
    ]
    texts = (
        "createTime",
        "description",
        "fileSystemType",
        "kmsKeyId",
        "protocolType",
        "regionId",
        "storageType",
        "zoneId",
    )
    return {
        "ids": [entry.id for entry in entries],
        "descriptions": [entry.object.get("description", "") for entry in entries],
        "systems": [
            {
                **{name: entry.object.get(name, "") for name in texts},
                "id": entry.id,
                "capacity": entry.object.get("capacity", 0),
                "encryptType": entry.object.get("encryptType", 0),
                "meteredSize": 0,
            }
            for entry in entries
        ],
    }


def _mount_targets(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    demand(arguments, "fileSystemId", "nas/getMountTargets")
    entries = [
        entry
        for entry in contents.of_type(MOUNT_TARGET)
        if entry.object["mountTargetDomain"] in arguments.get("ids", [entry.object["mountTargetDomain"]])
        and fits(entry, arguments, "fileSystemId", "accessGroupName", "mountTargetDomain", "networkType", "status")
        and fits(entry, arguments, "vpcId", "vswitchId")
    ]
    texts = ("accessGroupName", "mountTargetDomain", "networkType", "status", "vpcId", "vswitchId")
    return {
        "ids": [entry.object["mountTargetDomain"] for entry in entries],
        "targets": [
            {
                **{name: entry.object.get(name, "") for name in texts},
                "id": entry.object["mountTargetDomain"],
                "type": entry.object.get("networkType", ""),
            }
            for entry in entries
        ],
    }


def _certificates(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    """Certificates as the provider lists them without ``enableDetails``: no certificate and no key in them."""
    entries = selected(contents.of_type(CERTIFICATE), arguments, "certificateName")
    texts = ("certificateName", "city", "common", "country", "endDate", "fingerprint", "issuer", "orgName", "province")
    return {
        "ids": [entry.id for entry in entries],
        "names": [entry.object.get("certificateName", "") for entry in entries],
        "certificates": [
            {
                **{name: entry.object.get(name, "") for name in (*texts, "sans", "startDate")},
                "id": entry.id,
                "certId": entry.id,
                "name": entry.object.get("certificateName", ""),
                "buyInAliyun": False,
                "cert": "",
                "key": "",
                "expired": False,
            }
            for entry in entries
        ],
    }


_SOURCES: dict[str, Callable[[Contents, Arguments], dict[str, Any]]] = {
    "alicloud:alb/getLoadBalancers": _balancers,
    "alicloud:cas/getServiceCertificates": _certificates,
    "alicloud:nas/getFileSystems": _file_systems,
    "alicloud:nas/getMountTargets": _mount_targets,
    "alicloud:cs/getKubernetesAddons": cluster_lookups.addons,
    "alicloud:cs/getManagedKubernetesClusters": cluster_lookups.clusters,
    "alicloud:vpc/getSwitches": cluster_lookups.switches,
    "alicloud:vpc/getNetworks": cluster_lookups.networks,
}
