"""The data sources of clusters, their add-ons and their network."""

import re
from typing import Any

from sandbox.cloud.contents import Contents
from sandbox.cloud.products import ADDON, CLUSTER, NETWORK, SWITCH, region
from sandbox.cloud.refusal import Refusal
from sandbox.cloud.selection import Arguments, demand, fits, selected


def addons(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    """Answer ``cs/getKubernetesAddons``: what the cluster's catalogue offers, and what is installed."""
    demand(arguments, "clusterId", "cs/getKubernetesAddons")
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


def clusters(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    """Answer ``cs/getManagedKubernetesClusters``."""
    entries = selected(contents.of_type(CLUSTER), arguments, "name")
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


def switches(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    """Answer ``vpc/getSwitches``."""
    entries = selected(contents.of_type(SWITCH), arguments, "vswitchName")
    entries = [
        each for each in entries if fits(each, arguments, "vpcId", "zoneId", "cidrBlock", "status", "vswitchName")
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


def networks(contents: Contents, arguments: Arguments) -> dict[str, Any]:
    """Answer ``vpc/getNetworks``."""
    entries = selected(contents.of_type(NETWORK), arguments, "vpcName")
    entries = [entry for entry in entries if fits(entry, arguments, "cidrBlock", "status", "vpcName")]
    texts = [
        "cidrBlock",
        "creationTime",
        "description",
        "dhcpOptionsSetId",
        "dhcpOptionsSetStatus",
        "dnsHostnameStatus",
        "ipv6CidrBlock",
        "resourceGroupId",
        "routeTableId",
        "routerId",
        "vpcName",
        "vrouterId",
    ]
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
