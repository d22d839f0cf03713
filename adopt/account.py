"""What the cloud account says about a cluster: its id, network and add-ons, and the ALB and the NAS that it uses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from adopt.cloud_api import Action, CloudApi, NoCredentialsError, UnansweredError
from adopt.finding import AdoptError, Finding
from adopt.known import Known, Unknown, VSwitch
from adopt.snapshot import Object, Snapshot
from sandbox.network import WayFailedError

CLUSTERS = Action("cs", "2015-12-15", "DescribeClustersV1", "/api/v1/clusters")
CLUSTER = Action("cs", "2015-12-15", "DescribeClusterDetail", "/clusters/{}")
NODE_POOLS = Action("cs", "2015-12-15", "DescribeClusterNodePools", "/clusters/{}/nodepools")
ADD_ONS = Action("cs", "2015-12-15", "ListClusterAddonInstances", "/clusters/{}/addon_instances")
V_SWITCHES = Action("vpc", "2016-04-28", "DescribeVSwitches")
BALANCER = Action("alb", "2020-06-16", "GetLoadBalancerAttribute")
LISTENERS = Action("alb", "2020-06-16", "ListListeners")
FILE_SYSTEMS = Action("nas", "2017-06-26", "DescribeFileSystems")
ACTIONS = (CLUSTERS, CLUSTER, NODE_POOLS, ADD_ONS, V_SWITCHES, BALANCER, LISTENERS, FILE_SYSTEMS)
"""All that is ever asked. Source: https://api.alibabacloud.com/product/CS, …/Vpc, …/Alb and …/NAS"""

_PAGE = 50
_MOST_PAGES = 100
_SUBJECT = "the cloud account"


@dataclass(frozen=True)
class Account:
    """What an account says; without credentials, nothing."""

    cluster: Mapping[str, Any] | None = None
    """The cluster as `DescribeClusterDetail` has it; None where it is not known which it is."""
    add_ons: Mapping[str, str] | None = None
    """The versions of its add-ons by name; None where they may not be read."""
    v_switches: tuple[VSwitch, ...] = ()
    """The vSwitches of its control plane, its node pools and its ALBs."""
    balancers: Mapping[str, tuple[Mapping[str, Any], list[tuple[int, str]] | None] | None] = field(default_factory=dict)
    """By AlbConfig, its ALB and the ALB's listeners as far as they may be read; None where there is no such ALB."""
    mount_targets: Mapping[str, tuple[str, str] | None] = field(default_factory=dict)
    """By address, the file system and the VPC of the NAS mount targets that volumes name; None where there is none."""
    notes: tuple[Finding, ...] = ()
    """What was not read, and why."""

    def filled(self, known: Known) -> Known:
        """What people told, and for the rest what the account says."""
        if self.cluster is None:
            return known
        return replace(
            known,
            cluster_id=known.cluster_id or self.cluster.get("cluster_id"),
            region=known.region or self.cluster.get("region_id"),
            vpc=known.vpc or self.cluster.get("vpc_id") or None,
            v_switches=known.v_switches or self.v_switches,
            network=known.network or _network(self.cluster, self.add_ons or {}),
        )


def read_account(snapshot: Snapshot, server: str, known: Known, region: str | None) -> Account:
    """Read what the account says about a cluster; what may not be read is noted, and the rest is read.

    Args:
        snapshot: What was read of the cluster.
        server: The address of its API server in the kubeconfig.
        known: What people told.
        region: Where it is, as far as that is known.

    Raises:
        AdoptError: `ACKP_STALL_SECONDS` is no number.
    """
    reader = _Reader(snapshot, known)
    try:
        reader.read(CloudApi(region), server)
    except WayFailedError as error:
        raise AdoptError("The cloud account cannot be asked", [str(error)]) from None
    except NoCredentialsError as error:
        reader.notes.append(
            Finding("left alone", _SUBJECT, note=f"{error}: cluster, ALB, NAS and add-ons were not asked for there")
        )
    return Account(
        reader.cluster,
        reader.add_ons,
        tuple(sorted(reader.v_switches, key=lambda each: (each.zone, each.id))),
        reader.balancers,
        reader.mount_targets,
        tuple(reader.notes),
    )


class _Reader:
    """Reads one thing after the other, and goes on when one is refused."""

    def __init__(self, snapshot: Snapshot, known: Known) -> None:
        self._snapshot, self._known = snapshot, known
        self.cluster: Mapping[str, Any] | None = None
        self.add_ons: dict[str, str] | None = None
        self.v_switches: list[VSwitch] = []
        self.balancers: dict[str, tuple[Mapping[str, Any], list[tuple[int, str]] | None] | None] = {}
        self.mount_targets: dict[str, tuple[str, str] | None] = {}
        self.notes: list[Finding] = []
        self._wanted: list[str] = []

    def read(self, api: CloudApi, server: str) -> None:
        self.cluster = self._cluster(api, server)
        if self.cluster is not None:
            api.region = self.cluster.get("region_id") or api.region
            identity = str(self.cluster["cluster_id"])
            self._wanted += self.cluster.get("vswitch_ids") or [self.cluster.get("vswitch_id")]
            with_pools = self._tried(lambda: api.ask(NODE_POOLS, cluster=identity)) or {}
            for pool in with_pools.get("nodepools") or ():
                self._wanted += (pool.get("scaling_group") or {}).get("vswitch_ids") or ()
            found = self._tried(lambda: api.ask(ADD_ONS, cluster=identity))
            if found is not None:
                self.add_ons = {each["name"]: str(each.get("version", "")) for each in found.get("addons") or ()}
        if api.region is None:
            note = "--region says where to look for ALB and NAS: neither the nodes nor the account tell it"
            self.notes.append(Finding("left alone", _SUBJECT, note=note))
            return
        for name, identity in sorted(alb_ids(self._snapshot).items()):
            self._read_balancer(api, name, identity)
        if self.cluster is not None:
            self._read_v_switches(api, str(self.cluster.get("vpc_id")))
        self._read_mount_targets(api)

    def _cluster(self, api: CloudApi, server: str) -> Mapping[str, Any] | None:
        """The cluster that was named, or the one with this address."""
        asked = self._known.cluster_id
        listed = None if asked else self._listed(api, server)
        if not (asked or listed):
            return None
        identity = asked or str((listed or {})["cluster_id"])
        try:
            found = {"cluster_id": identity, **(listed or {}), **api.ask(CLUSTER, cluster=identity)}
        except UnansweredError as error:
            if asked and error.missing:
                note = f"the account has no cluster {asked}: check --cluster-id, and whose credentials these are"
                self.notes.append(Finding("differs", "cluster.id", note=note))
            else:
                self._note(error)
            return listed
        if asked and not _reached(found, server):
            note = (
                f"the cluster {asked} is not reached at {server}, but at {', '.join(sorted(_addresses(found)))}: check"
                " --cluster-id and the kubeconfig. Nothing else was taken from it"
            )
            self.notes.append(Finding("differs", "cluster.id", note=note))
            return None
        return found

    def _listed(self, api: CloudApi, server: str) -> Mapping[str, Any] | None:
        clusters = self._tried(lambda: list(_pages(api, CLUSTERS, "clusters")))
        found = [each for each in clusters or () if _reached(each, server)]
        if clusters is not None and not found:
            note = f"none of its {len(clusters)} clusters is reached at {server}: --cluster-id says which it is"
            self.notes.append(Finding("left alone", _SUBJECT, note=note))
        return found[0] if found else None

    def _read_v_switches(self, api: CloudApi, vpc: str) -> None:
        wanted = dict.fromkeys(filter(None, self._wanted))
        query = {"RegionId": api.region, "VpcId": vpc}
        found = self._tried(lambda: list(_pages(api, V_SWITCHES, "VSwitches.VSwitch", query)))
        if found is None:
            self.v_switches = [
                VSwitch(each, Unknown("its zone", f"{api.region}-a"), Unknown("its network", f"10.{number}.0.0/24"))
                for number, each in enumerate(wanted)
            ]
            return
        self.v_switches = [
            VSwitch(each["VSwitchId"], each["ZoneId"], each["CidrBlock"])
            for each in found
            if each["VSwitchId"] in wanted
        ]

    def _read_balancer(self, api: CloudApi, name: str, identity: str) -> None:
        try:
            found = api.ask(BALANCER, {"LoadBalancerId": identity})
        except UnansweredError as error:
            if error.missing:
                self.balancers[name] = None
            else:
                self._note(error)
            return
        self._wanted += [each.get("VSwitchId") for each in found.get("ZoneMappings") or ()]
        self.balancers[name] = (found, self._tried(lambda: _listeners(api, identity)))

    def _read_mount_targets(self, api: CloudApi) -> None:
        servers = sorted(set(nas_servers(self._snapshot).values()))
        if not servers:
            return
        systems = self._tried(lambda: list(_pages(api, FILE_SYSTEMS, "FileSystems.FileSystem")))
        if systems is not None:
            there = {
                target["MountTargetDomain"]: (system["FileSystemId"], target.get("VpcId") or "")
                for system in systems
                for target in (system.get("MountTargets") or {}).get("MountTarget") or ()
            }
            self.mount_targets = {server: there.get(server) for server in servers}

    def _tried(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON
        try:
            return ask()
        except UnansweredError as error:
            self._note(error)
            return None

    def _note(self, error: UnansweredError) -> None:
        self.notes.append(Finding("left alone", _SUBJECT, note=str(error)))


def alb_ids(snapshot: Snapshot) -> dict[str, str]:
    """The ids of the ALBs of the namespace's Ingresses, by AlbConfig; of all AlbConfigs where it has none."""
    used = {each["spec"].get("ingressClassName") for each in snapshot.ingresses}
    configs = {
        (each["spec"].get("parameters") or {}).get("name")
        for each in snapshot.ingress_classes
        if each["metadata"]["name"] in used
    }
    ids = {
        each["metadata"]["name"]: ((each.get("spec") or {}).get("config") or {}).get("id")
        or ((each.get("status") or {}).get("loadBalancer") or {}).get("id")
        for each in snapshot.alb_configs
        if not configs or each["metadata"]["name"] in configs
    }
    return {name: str(identity) for name, identity in ids.items() if identity}


def nas_servers(snapshot: Snapshot) -> dict[str, str]:
    """The NAS mount targets of the bound volumes, by PersistentVolume."""
    found = {each["metadata"]["name"]: _csi(each).get("server") for each in snapshot.volumes}
    return {name: str(server) for name, server in found.items() if server}


def _csi(volume: Object) -> Mapping[str, Any]:
    csi = volume["spec"].get("csi") or {}
    return (csi.get("volumeAttributes") or {}) if csi.get("driver") == "nasplugin.csi.alibabacloud.com" else {}


def _pages(
    api: CloudApi, action: Action, place: str, query: Mapping[str, object] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Everything that an action lists at a place of its answer, page by page."""
    number, size = ("page_number", "page_size") if action.path else ("PageNumber", "PageSize")
    for page in range(1, _MOST_PAGES + 1):
        found: Any = api.ask(action, {**(query or {}), number: page, size: _PAGE})
        for key in place.split("."):
            found = found.get(key) or {}
        yield from found
        if len(found) < _PAGE:
            return


def _listeners(api: CloudApi, identity: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    query: dict[str, object] = {"LoadBalancerIds": [identity], "MaxResults": _PAGE}
    while True:
        page = api.ask(LISTENERS, query)
        found += [(int(each["ListenerPort"]), each["ListenerProtocol"]) for each in page.get("Listeners") or ()]
        if not (more := page.get("NextToken")):
            return sorted(found)
        query["NextToken"] = more


def _reached(cluster: Mapping[str, Any], server: str) -> bool:
    return _place(server) in _addresses(cluster)


def _addresses(cluster: Mapping[str, Any]) -> set[str]:
    """The addresses of a cluster's API server, public and internal, which `master_url` has as JSON in a text."""
    return {_place(each) for each in re.findall(r"https?://[^\s\"'\\,]+", str(cluster.get("master_url") or ""))}


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 443}"


def _network(cluster: Mapping[str, Any], add_ons: Iterable[str]) -> str | None:
    """`terway` or `flannel`: the add-on of that name, or what the cluster was made with."""
    try:
        made = json.loads(cluster.get("meta_data") or "{}").get("Capabilities", {}).get("Network", "")
    except (ValueError, AttributeError):
        made = ""
    for name in (*sorted(add_ons), str(made).lower()):
        for plug_in in ("terway", "flannel"):
            if plug_in in name:
                return plug_in
    return None
