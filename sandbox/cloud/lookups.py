"""The data sources of the ``alicloud`` provider that the sandbox answers.

Shapes are those of the Python SDK's result types; nothing that matches is an empty list, as in the real provider.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.cloud.contents import Contents, Entry
from sandbox.cloud.products import ADDON, CLUSTER, FILE_SYSTEM, LOAD_BALANCER, MOUNT_TARGET, NETWORK, SWITCH
from sandbox.cloud.refusal import Refusal

Arguments = dict[str, Any]


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


def region(contents: Contents) -> str:
    """Return the region of the account's cluster."""
    return next((str(entry.object["regionId"]) for entry in contents.of_type(CLUSTER)), "cn-hangzhou")


def _balancers(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    entries = _selected(contents.of_type(LOAD_BALANCER), arguments, "loadBalancerName")
    entries = [
        entry
        for entry in entries
        if _fits(entry, arguments, "vpcId", "addressType", "status", "resourceGroupId", "loadBalancerName")
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
                "accessLogConfigs": _listed(entry.object.get("accessLogConfig")),
                "deletionProtectionConfigs": [
                    {"enabled": bool(entry.object.get("deletionProtectionEnabled")), "enabledTime": ""}
                ],
                "loadBalancerBillingConfigs": _listed(entry.object.get("loadBalancerBillingConfig")),
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
        and _fits(entry, arguments, "storageType", "protocolType", "fileSystemType")
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
    _demand(arguments, "fileSystemId", "nas/getMountTargets")
    entries = [
        entry
        for entry in contents.of_type(MOUNT_TARGET)
        if entry.object["mountTargetDomain"] in arguments.get("ids", [entry.object["mountTargetDomain"]])
        and _fits(entry, arguments, "fileSystemId", "accessGroupName", "mountTargetDomain", "networkType", "status")
        and _fits(entry, arguments, "vpcId", "vswitchId")
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


def _addons(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    _demand(arguments, "clusterId", "cs/getKubernetesAddons")
    cluster = contents.get(CLUSTER, arguments["clusterId"])
    if cluster is None:
        raise Refusal(f"ErrorClusterNotFound: cluster {arguments['clusterId']} is not found")
    catalogue: dict[str, str] = cluster.object.get("addonCatalogue", {})
    names = [
        name
        for name in sorted(catalogue)
        if re.search(arguments.get("nameRegex", ""), name)
        and f"{cluster.id}:{name}" in arguments.get("ids", [f"{cluster.id}:{name}"])
    ]
    addons = []
    for name in names:
        entry = contents.get(ADDON, f"{cluster.id}:{name}")
        current = entry.object.get("version", "") if entry else ""
        addons.append(
            {
                "name": name,
                "currentVersion": current,
                "currentConfig": entry.object.get("config", "") if entry else "",
                "nextVersion": "" if current == catalogue[name] else catalogue[name],
                "required": False,
                "supportedActions": ["Modify", "Upgrade", "Uninstall"] if entry else ["Install"],
            }
        )
    return {"ids": [f"{cluster.id}:{name}" for name in names], "names": names, "addons": addons}


def _clusters(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    entries = _selected(contents.of_type(CLUSTER), arguments, "name")
    return {
        "ids": [entry.id for entry in entries],
        "names": [entry.object["name"] for entry in entries],
        "clusters": [
            {
                "id": entry.id,
                "name": entry.object["name"],
                "state": "running",
                "vpcId": entry.object["vpcId"],
                "availabilityZone": "",
                "natGatewayId": "",
                "securityGroupId": "",
                "workerNodes": [],
                "rrsaConfig": {
                    "enabled": False,
                    "ramOidcProviderArn": "",
                    "ramOidcProviderName": "",
                    "rrsaOidcIssuerUrl": "",
                },
                "connections": {
                    "apiServerInternet": "",
                    "apiServerIntranet": "",
                    "masterPublicIp": "",
                    "serviceDomain": "",
                },
            }
            for entry in entries
        ],
    }


def _switches(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    entries = _selected(contents.of_type(SWITCH), arguments, "vswitchName")
    entries = [
        each for each in entries if _fits(each, arguments, "vpcId", "zoneId", "cidrBlock", "status", "vswitchName")
    ]
    texts = (
        "cidrBlock",
        "creationTime",
        "description",
        "ipv6CidrBlock",
        "resourceGroupId",
        "routeTableId",
        "vpcId",
        "zoneId",
    )
    return {
        "ids": [entry.id for entry in entries],
        "names": [entry.object.get("vswitchName", "") for entry in entries],
        "vswitches": [
            {
                **{name: entry.object.get(name, "") for name in texts},
                "id": entry.id,
                "vswitchId": entry.id,
                "name": entry.object.get("vswitchName", ""),
                "vswitchName": entry.object.get("vswitchName", ""),
                "status": "Available",
                "availableIpAddressCount": 4091,
                "enableIpv6": False,
                "isDefault": False,
                "tags": entry.object.get("tags", {}),
            }
            for entry in entries
        ],
    }


def _networks(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    entries = _selected(contents.of_type(NETWORK), arguments, "vpcName")
    entries = [entry for entry in entries if _fits(entry, arguments, "cidrBlock", "status", "vpcName")]
    texts = ["cidrBlock", "creationTime", "description", "dhcpOptionsSetId", "dhcpOptionsSetStatus", "dnsHostnameStatus", "ipv6CidrBlock", "resourceGroupId", "routeTableId", "routerId", "vpcName", "vrouterId"]
    return {
        "ids": [entry.id for entry in entries],
        "names": [entry.object.get("vpcName", "") for entry in entries],
        "totalCount": len(entries),
        "vpcs": [
            {
                **{name: entry.object.get(name, "") for name in texts},
                "id": entry.id,
                "vpcId": entry.id,
                "regionId": region(contents),
                "status": "Available",
                "isDefault": False,
                "secondaryCidrBlocks": [],
                "userCidrs": [],
                "tags": entry.object.get("tags", {}),
                "vswitchIds": [each.id for each in contents.of_type(SWITCH) if each.object["vpcId"] == entry.id],
            }
            for entry in entries
        ],
    }


def _selected(entries: Iterable[Entry], arguments: Arguments, name: str) -> list[Entry]:
    return [
        entry
        for entry in entries
        if entry.id in arguments.get("ids", [entry.id])
        and re.search(arguments.get("nameRegex", ""), entry.object.get(name, ""))
    ]


def _fits(entry: Entry, arguments: Arguments, *names: str) -> bool:
    return all(arguments[name] == entry.object.get(name) for name in names if arguments.get(name) is not None)


def _demand(arguments: Arguments, name: str, source: str) -> None:
    if not arguments.get(name):
        raise Refusal(f'{source}: Missing required argument: the argument "{name}" is required')


def _listed(block: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [block] if block else []


_SOURCES: dict[str, Callable[[Contents, Arguments], dict[str, Any]]] = {
    "alicloud:alb/getLoadBalancers": _balancers,
    "alicloud:nas/getFileSystems": _file_systems,
    "alicloud:nas/getMountTargets": _mount_targets,
    "alicloud:cs/getKubernetesAddons": _addons,
    "alicloud:cs/getManagedKubernetesClusters": _clusters,
    "alicloud:vpc/getSwitches": _switches,
    "alicloud:vpc/getNetworks": _networks,
}
