"""Rules of pods: what a container may do on its node, and what it takes there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policies.pod import WORKLOADS, containers, handlers, pod_of, security
from policies.rule import Level, Object, Objects, Rule

_PSS = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
_RESOURCES = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"
_PROFILE = "securityProfile: restricted of the service; what its patch says otherwise, take out"
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
}
_SECRET_NAME = re.compile(r"(?i)(passw(or)?d|secret|token|access_?key|private_?key)")
_HIGHEST_RESERVED = 10000

_Container = Callable[[Object, Mapping[str, Any]], Iterator[str]]


def _each(check: _Container) -> Callable[[Object, Objects], Iterator[str]]:
    """A rule of every container."""

    def checked(each: Object, _every: Objects) -> Iterator[str]:
        for name, container in containers(each):
            for said in check(each, container):
                yield f"container {name}: {said}"

    return checked


def _privileged(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    if security(container).get("privileged"):
        yield "is privileged"


def _host_namespaces(each: Object, _every: Objects) -> Iterator[str]:
    for key in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
        if pod_of(each).get(key):
            yield f"{key} is on"


def _volumes(each: Object, _every: Objects) -> Iterator[str]:
    for volume in pod_of(each).get("volumes") or ():
        for kind in sorted(set(volume) - _VOLUMES - {"name"}):
            yield f"volume {volume.get('name')} is a {kind}"


def _host_ports(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    for port in container.get("ports") or ():
        if port.get("hostPort"):
            yield f"takes the port {port['hostPort']} of its node"


def _capabilities(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    stated = security(container).get("capabilities") or {}
    if "ALL" not in (stated.get("drop") or ()):
        yield "does not drop all capabilities"
    for added in stated.get("add") or ():
        if added != "NET_BIND_SERVICE":
            yield f"adds the capability {added}"


def _escalation(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    if security(container).get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"


def _non_root(each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    stated = {**(pod_of(each).get("securityContext") or {}), **security(container)}
    if stated.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if stated.get("runAsUser") == 0:
        yield "runs as user 0"


def _high_user(each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    stated = {**(pod_of(each).get("securityContext") or {}), **security(container)}
    for key in ("runAsUser", "runAsGroup"):
        if (stated.get(key) or 0) < _HIGHEST_RESERVED:
            yield f"{key} is not {_HIGHEST_RESERVED} or more"


def _seccomp(each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    stated = {**(pod_of(each).get("securityContext") or {}), **security(container)}
    if (stated.get("seccompProfile") or {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"


def _sysctls(each: Object, _every: Objects) -> Iterator[str]:
    for sysctl in (pod_of(each).get("securityContext") or {}).get("sysctls") or ():
        if sysctl.get("name") not in _SYSCTLS:
            yield f"sets the kernel parameter {sysctl.get('name')}"


def _probe_hosts(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    for name, handler in handlers(container):
        for action in ("httpGet", "tcpSocket"):
            if (handler.get(action) or {}).get("host"):
                yield f"{name} asks the host {handler[action]['host']}"


def _read_only_root(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    if security(container).get("readOnlyRootFilesystem") is not True:
        yield "writes into its root file system"


def _empty_dirs(each: Object, _every: Objects) -> Iterator[str]:
    for volume in pod_of(each).get("volumes") or ():
        if "emptyDir" in volume and not (volume["emptyDir"] or {}).get("sizeLimit"):
            yield f"volume {volume.get('name')} has no size limit"


def _resources(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    stated = container.get("resources") or {}
    for key, resource in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
        if resource not in (stated.get(key) or {}):
            yield f"has no {key}.{resource}"


def _ephemeral(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    for key in ("requests", "limits"):
        if "ephemeral-storage" not in ((container.get("resources") or {}).get(key) or {}):
            yield f"has no {key}.ephemeral-storage"


def _secret_values(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    for variable in container.get("env") or ():
        if variable.get("value") and _SECRET_NAME.search(str(variable.get("name"))):
            yield f"the variable {variable['name']} has its value in plain text"


def _moving_image(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    image = str(container.get("image"))
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    if "@sha256:" not in image and tag in ("", "latest"):
        yield f"runs whatever {image} is when it starts"


def _digest(_each: Object, container: Mapping[str, Any]) -> Iterator[str]:
    if "@sha256:" not in str(container.get("image")):
        yield f"the image {container.get('image')} has no digest"


def _service_links(each: Object, _every: Objects) -> Iterator[str]:
    if pod_of(each).get("enableServiceLinks") is not False:
        yield "enableServiceLinks is not false"


def _rule(  # noqa: PLR0917 -- the columns of the table below
    name: str,
    level: Level,
    check: Callable[[Object, Objects], Iterator[str]],
    reason: str,
    mend: str = _PROFILE,
    source: str = _PSS,
) -> Rule:
    return Rule(name, level, WORKLOADS, reason, mend, source, check)


_EMPTY = "give the volume a sizeLimit in the service's patch"
_IMAGE = "image.digest of the service, which `docker buildx imagetools inspect` prints"

RULES = (
    _rule("not-privileged", "mandatory", _each(_privileged), "could do on its node whatever root can"),
    _rule("no-host-namespaces", "mandatory", _host_namespaces, "could see and reach what else runs on its node"),
    _rule("volume-types", "mandatory", _volumes, "could read and write the node's own files, or bypass the claim"),
    _rule("no-host-port", "mandatory", _each(_host_ports), "could be reached past Service and NetworkPolicy"),
    _rule("drop-capabilities", "mandatory", _each(_capabilities), "keeps rights of root that no Spring service needs"),
    _rule("no-privilege-escalation", "mandatory", _each(_escalation), "could become root by a set-uid program"),
    _rule("non-root", "mandatory", _each(_non_root), "could leave its container as root after one bug of the runtime"),
    _rule("high-user", "advisory", _each(_high_user), "could be the same user as somebody on the node",
          "securityContext of the patch, or an image that runs as 10001"),
    _rule("seccomp", "mandatory", _each(_seccomp), "could make system calls that no container needs"),
    _rule("safe-sysctls", "mandatory", _sysctls, "changes the kernel for other pods too"),
    _rule("no-probe-host", "mandatory", _each(_probe_hosts), "makes the kubelet ask other hosts"),
    _rule("read-only-root", "advisory", _each(_read_only_root), "could be changed while it runs, and fill its node"),
    _rule("sized-empty-dir", "advisory", _empty_dirs, "could fill its node, which evicts others", _EMPTY,
          "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir"),
    _rule("requests-and-memory-limit", "mandatory", _each(_resources), "is placed blindly, and the node kills others",
          "resources of the service", _RESOURCES),
    _rule("ephemeral-storage", "advisory", _each(_ephemeral), "could fill its node, which evicts others",
          "resources of the service", _RESOURCES),
    _rule("no-secret-in-env", "mandatory", _each(_secret_values), "shows a secret to whoever may read the object",
          "envFromSecrets of the service", "https://kubernetes.io/docs/concepts/configuration/secret/"),
    _rule("no-moving-image", "mandatory", _each(_moving_image), "runs another program after a restart, unseen", _IMAGE,
          "https://kubernetes.io/docs/concepts/containers/images/"),
    _rule("image-digest", "advisory", _each(_digest), "runs what the registry has under that name at that time", _IMAGE,
          "https://kubernetes.io/docs/concepts/containers/images/"),
    _rule("no-service-links", "advisory", _service_links, "gets variables of every Service, which Spring takes as its "
          "own settings", _PROFILE, "https://kubernetes.io/docs/tutorials/services/connect-applications-service/"),
)  # fmt: skip
