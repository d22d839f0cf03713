"""The rules of the services: which ids they give, what they report, what they refuse."""

import hashlib
import ipaddress
from typing import Any

from sandbox.cloud.contents import Contents, Entry
from sandbox.cloud.kinds import ADDON_CRDS, CRD, definition
from sandbox.cloud.observed import CREATED
from sandbox.cloud.products import (
    ACCESS_GROUP,
    ACCESS_RULE,
    ADDON,
    CLUSTER,
    FILE_SYSTEM,
    LOAD_BALANCER,
    MOUNT_TARGET,
    NETWORK,
    SWITCH,
    region,
)
from sandbox.cloud.refusal import Refusal

_DEFAULT_GROUP = "DEFAULT_VPC_GROUP_NAME"
_MOUNT_TARGETS = 2  # quota of a file system: https://www.alibabacloud.com/help/en/nas/product-overview/limits
_ZONES = 2  # an ALB needs two zones in nearly every region


def identify(contents: Contents, kind: str, urn: str, plain: dict[str, Any]) -> str:
    """Return the id of a new resource: by its names where the service does so, else derived from its URN."""
    if kind == ADDON:
        return f"{plain['clusterId']}:{plain['name']}"
    if kind == ACCESS_GROUP:
        identity = f"{plain.get('accessGroupName') or plain['name']}:{plain.get('fileSystemType', 'standard')}"
        if contents.get(kind, identity):
            raise Refusal(f"InvalidAccessGroup.AlreadyExisted: The specified access group {identity} already exists.")
        return identity
    for attempt in range(1000):
        digest = hashlib.sha256(f"{urn} {attempt}".encode()).hexdigest()
        identity = {
            LOAD_BALANCER: f"alb-{digest[:18]}",
            FILE_SYSTEM: digest[:10],
            ACCESS_RULE: f"{plain.get('accessGroupName')}:{digest[:32]}",
            MOUNT_TARGET: f"{plain.get('fileSystemId')}:{plain.get('fileSystemId')}-{digest[:5]}{{suffix}}",
        }[kind]
        identity = identity.replace("{suffix}", f".{region(contents)}.nas.aliyuncs.com")
        if contents.get(kind, identity) is None:
            return identity
    raise Refusal(f"no id left for {urn}")


def reported(contents: Contents, kind: str, identity: str, plain: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the outputs that the service decides."""
    common = {"createTime": CREATED, "regionId": place, "status": "Active"}
    match kind:
        case "alicloud:alb/loadBalancer":
            return {**common, "dnsName": f"{identity}.{place}.alb.aliyuncs.com"}
        case "alicloud:nas/fileSystem":
            answer = {**common, "status": "Running", "capacity": plain.get("capacity", 10485760)}
            # A general-purpose file system does not report its VPC back.
            hidden = {"vpcId": "", "vswitchId": ""} if plain.get("fileSystemType", "standard") == "standard" else {}
            return {**answer, **hidden, "zoneId": plain.get("zoneId", f"{place}-h")}
        case "alicloud:nas/accessGroup":
            name, group = plain.get("accessGroupName") or plain["name"], plain.get("accessGroupType") or plain["type"]
            names = {"accessGroupName": name, "name": name, "accessGroupType": group, "type": group}
            return {**names, "createTime": CREATED, "regionId": place}
        case "alicloud:nas/accessRule":
            return {"accessRuleId": identity.rpartition(":")[2], "regionId": place}
        case "alicloud:nas/mountTarget":
            switch = contents.get(SWITCH, plain.get("vswitchId", ""))
            network = plain.get("vpcId") or (switch.object["vpcId"] if switch else "")
            return {"mountTargetDomain": identity.rpartition(":")[2], "vpcId": network}
        case _:
            return _addon_report(contents, identity, plain)


def uses(kind: str, outputs: dict[str, Any]) -> list[tuple[str, str]]:
    """Return type and id of what a resource needs while it exists."""
    match kind:
        case "alicloud:nas/accessRule":
            return [(ACCESS_GROUP, f"{outputs['accessGroupName']}:{outputs['fileSystemType']}")]
        case "alicloud:nas/mountTarget":
            group = (ACCESS_GROUP, f"{outputs['accessGroupName']}:standard")
            return [(FILE_SYSTEM, outputs["fileSystemId"]), group]
    return []


def demand_valid(contents: Contents, kind: str, plain: dict[str, Any], identity: str | None = None) -> None:
    """Refuse a resource that names what is not there (``identity`` None: a new one).

    Raises:
        Refusal: the API's code and words.
    """
    match kind:
        case "alicloud:alb/loadBalancer":
            _demand_network(contents, plain["vpcId"])
            for mapping in plain["zoneMappings"]:
                _demand_switch(contents, mapping.get("vswitchId", ""), plain["vpcId"], mapping.get("zoneId"))
            if len({mapping.get("zoneId") for mapping in plain["zoneMappings"]}) < _ZONES:
                raise Refusal("IllegalParam.ZoneMappings: an ALB needs vSwitches in at least two zones")
        case "alicloud:nas/accessRule":
            _demand_group(contents, plain["accessGroupName"], plain.get("fileSystemType", "standard"))
            try:
                ipaddress.ip_network(plain.get("sourceCidrIp") or plain["ipv6SourceCidrIp"])
            except ValueError as error:
                raise Refusal(f"InvalidSourceCidrIp.Malformed: {error}") from None
        case "alicloud:nas/mountTarget":
            _demand_mount_target(contents, plain, identity)
        case "alicloud:cs/kubernetesAddon":
            if contents.get(CLUSTER, plain["clusterId"]) is None:
                raise Refusal(f"ErrorClusterNotFound: cluster {plain['clusterId']} is not found")
            if _catalogue_version(contents, plain["clusterId"], plain["name"]) is None:
                raise Refusal(
                    f"AddonNotFound: add-on {plain['name']} is not available for cluster {plain['clusterId']}"
                )


def demand_deletable(contents: Contents, entry: Entry) -> None:
    """Refuse to delete what something else still needs.

    Raises:
        Refusal: the API's code and words.
    """
    if entry.type == LOAD_BALANCER and entry.object.get("deletionProtectionEnabled"):
        raise Refusal(f"OperationDenied.DeletionProtection: deletion protection of {entry.id} is on")
    for user in contents.users(entry.key, MOUNT_TARGET):
        raise Refusal(f"OperationDenied.InvalidState: {entry.id} is in use by mount target {user.id}")


def install_addon(contents: Contents, plain: dict[str, Any]) -> None:
    """Bring the definitions of an add-on's controller into the cluster."""
    found = ADDON_CRDS.get(plain["name"])
    if found:
        crd = definition(*found)
        contents.put(Entry(CRD.type, crd["metadata"]["name"], crd))


def _addon_report(contents: Contents, identity: str, plain: dict[str, Any]) -> dict[str, Any]:
    installed = contents.get(ADDON, identity)
    newest = _catalogue_version(contents, plain["clusterId"], plain["name"]) or ""
    current = plain.get("version") or (installed.object.get("version") if installed else "") or newest
    return {
        "version": current,
        "nextVersion": "" if current == newest else newest,
        "canUpgrade": current != newest,
        "required": False,
    }


def _catalogue_version(contents: Contents, cluster: str, name: str) -> str | None:
    entry = contents.get(CLUSTER, cluster)
    catalogue: dict[str, str] = entry.object.get("addonCatalogue", {}) if entry else {}
    return catalogue.get(name)


def _demand_network(contents: Contents, identity: str) -> None:
    if contents.get(NETWORK, identity) is None:
        raise Refusal(f"InvalidVpcId.NotFound: Specified value of VpcId {identity} is not found.")


def _demand_switch(contents: Contents, identity: str, network: str, zone: str | None) -> None:
    switch = contents.get(SWITCH, identity)
    if switch is None:
        raise Refusal(f"InvalidVSwitchId.NotFound: The specified vSwitch {identity} does not exist.")
    if network and switch.object["vpcId"] != network:
        raise Refusal(
            f"IllegalParam.VSwitchId: vSwitch {identity} belongs to {switch.object['vpcId']}, not to {network}"
        )
    if zone and switch.object["zoneId"] != zone:
        raise Refusal(f"IllegalParam.ZoneId: vSwitch {identity} is in zone {switch.object['zoneId']}, not in {zone}")


def _demand_group(contents: Contents, name: str, kind: str) -> None:
    if name != _DEFAULT_GROUP and contents.get(ACCESS_GROUP, f"{name}:{kind}") is None:
        raise Refusal(f"InvalidAccessGroup.NotFound: The specified AccessGroup {name} does not exist.")


def _demand_mount_target(contents: Contents, plain: dict[str, Any], identity: str | None) -> None:
    file_system = plain["fileSystemId"]
    if contents.get(FILE_SYSTEM, file_system) is None:
        raise Refusal(f"InvalidFileSystem.NotFound: The specified file system {file_system} does not exist.")
    _demand_group(contents, plain.get("accessGroupName") or _DEFAULT_GROUP, "standard")
    if plain.get("vpcId"):
        _demand_network(contents, plain["vpcId"])
    _demand_switch(contents, plain.get("vswitchId", ""), plain.get("vpcId", ""), None)
    others = [each for each in contents.users(f"{FILE_SYSTEM}::{file_system}", MOUNT_TARGET) if each.id != identity]
    if len(others) >= _MOUNT_TARGETS:
        raise Refusal(f"MountTarget.QuotaExceeded: file system {file_system} has {len(others)} mount targets already")
