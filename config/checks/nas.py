"""The NAS file system, its access rules and the volume."""

import ipaddress
import re
from collections.abc import Iterator
from itertools import combinations

from config.errors import Problem, did_you_mean
from config.nas import GivenNas, GivenVolume, OwnedNas, OwnedVolume
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """A volume without a file system, a file system out of reach or open to everybody, options that contradict."""
    file_system, volume = settings.nas.file_system, settings.nas.volume
    if isinstance(volume, OwnedVolume):
        if file_system is None:
            mend = "fileSystem: {ownership: given, id: …, mountTarget: …}, or volume: {ownership: given, claim: …}"
            yield Problem("nas.fileSystem", "must be set where the volume is owned: it is what the volume mounts", mend)
        yield from _options(volume)
        yield from _root(settings, volume)
    elif isinstance(volume, GivenVolume) and isinstance(file_system, GivenNas):
        rule = "must be left out where the claim is given: the claim's own volume names it"
        yield Problem("nas.fileSystem", rule, "remove it, or volume: {ownership: owned, capacity: …}", file_system.id)
    if isinstance(file_system, OwnedNas):
        yield from _owned(settings, file_system)
    if isinstance(file_system, GivenNas):
        yield from _given(settings, file_system)


def _owned(settings: StackSettings, file_system: OwnedNas) -> Iterator[Problem]:
    known = [each.id for each in settings.cluster.v_switches]
    if file_system.v_switch not in known:
        mend = did_you_mean(file_system.v_switch, known)
        yield Problem("nas.fileSystem.vSwitch", "must be a vSwitch of cluster.vSwitches", mend, file_system.v_switch)
    for index, each in enumerate(file_system.access_rules):
        if ipaddress.ip_network(each.source).prefixlen == 0:
            reason = "must not be every address: whoever reaches the mount target could read and write"
            mend = f"a vSwitch's network, for example {settings.cluster.v_switches[0].cidr}, or leave accessRules out"
            yield Problem(f"nas.fileSystem.accessRules[{index}].source", reason, mend, each.source)
    for (_, one), (index, other) in combinations(enumerate(file_system.access_rules), 2):
        path = f"nas.fileSystem.accessRules[{index}]"
        if one.source == other.source:
            yield Problem(f"{path}.source", "must not be there twice", "remove one", other.source)
        elif one.priority == other.priority and _overlap(one.source, other.source):
            rule = f"must not overlap {one.source} at the same priority: which of the two holds is not defined"
            yield Problem(f"{path}.source", rule, f"another network, or priority: {one.priority + 1}", other.source)


def _given(settings: StackSettings, file_system: GivenNas) -> Iterator[Problem]:
    path, target, region = "nas.fileSystem.mountTarget", file_system.mount_target, settings.cluster.region
    match = re.search(r"\.([a-z]{2}-[a-z]+(?:-[a-z0-9]+)*)\.(?:extreme\.|cpfs\.)?nas\.aliyuncs\.com$", target)
    if match and match[1] != region:
        rule = f"must be in cluster.region, {region}: NFS does not reach another region"
        yield Problem(path, rule, f"…{region}.nas.aliyuncs.com", target)
    if not target.startswith(file_system.id.split("-")[0]):
        rule = f"must belong to the file system {file_system.id}: it starts with its id"
        yield Problem(path, rule, f"{file_system.id}-….{region}.nas.aliyuncs.com", target)


def _options(volume: OwnedVolume) -> Iterator[Problem]:
    options = [option for line in volume.mount_options for option in line.split(",")]
    for index, line in enumerate(volume.mount_options):
        versions = [option for option in line.split(",") if re.match(r"(?:nfs)?vers=|minorversion=", option)]
        if versions:
            rule = "must not name the NFS version beside nas.volume.version"
            yield Problem(f"nas.volume.mountOptions[{index}]", rule, f'version: "{volume.version}"', line)
    if "noresvport" not in options:
        rule = "must contain noresvport: without it a client does not come back after the network was away"
        yield Problem("nas.volume.mountOptions", rule, "- nolock,tcp,noresvport", ", ".join(volume.mount_options))


def _root(settings: StackSettings, volume: OwnedVolume) -> Iterator[Problem]:
    # "NAS: root directory cannot set mode":
    # https://github.com/kubernetes-sigs/alibaba-cloud-csi-driver/blob/master/pkg/nas/nodeserver.go
    if volume.path == "/" and volume.root_mode is not None:
        rule = (
            "must be null where nas.volume.path is /: the CSI driver refuses to mount a file system's root with a mode"
        )
        mend = (
            f"path: /{settings.environment.name}, or rootMode: null if every user of a pod may write the root already"
        )
        yield Problem("nas.volume.rootMode", rule, mend, volume.root_mode)


def _overlap(one: str, other: str) -> bool:
    return ipaddress.ip_network(one).overlaps(ipaddress.ip_network(other))
