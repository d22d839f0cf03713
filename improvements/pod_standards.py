"""What the Pod Security Standards say of a pod: the parts that a patch may hold and a security profile does not set.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.manifests.metadata import Manifest
from improvements.subject import containers_of

_HOST = ("hostNetwork", "hostPID", "hostIPC")
_BASELINE_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_ROOT = 0


_SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def against_baseline(pod: Manifest) -> Iterator[str]:
    """What the level ``baseline`` would refuse of a pod's specification."""
    for volume in pod.get("volumes") or ():
        if "hostPath" in volume:
            yield f"the volume {volume['name']} is the host path {volume['hostPath'].get('path')}"
    yield from (f"{key} is true" for key in _HOST if pod.get(key))
    sysctls = {str(each["name"]) for each in _context(pod).get("sysctls") or ()} - _SAFE_SYSCTLS
    yield from (f"the sysctl {each} is not a safe one" for each in sorted(sysctls))
    for part, context in _parts(pod):
        if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
            yield f"{part} has the seccomp profile Unconfined"
    for container in containers_of(pod):
        name, context = container["name"], _context(container)
        if context.get("privileged"):
            yield f"the container {name} is privileged"
        added = set((context.get("capabilities") or {}).get("add") or ()) - _BASELINE_CAPABILITIES
        if added:
            yield f"the container {name} adds capabilities: {', '.join(sorted(added))}"
        ports = [str(port["hostPort"]) for port in container.get("ports") or () if port.get("hostPort")]
        if ports:
            yield f"the container {name} takes ports of the host: {', '.join(ports)}"
        if context.get("procMount", "Default") != "Default":
            yield f"the container {name} has the procMount {context['procMount']}"


def against_restricted(pod: Manifest) -> Iterator[str]:
    """What the level ``restricted`` would refuse, what ``baseline`` would among it."""
    yield from against_baseline(pod)
    for volume in pod.get("volumes") or ():
        kinds = set(volume) - {"name", "hostPath"} - _VOLUMES
        if kinds:
            yield f"the volume {volume['name']} is of the kind {', '.join(sorted(kinds))}"
    above = _context(pod)
    for part, context in _parts(pod):
        if context.get("runAsUser") == _ROOT:
            yield f"{part} runs as root: runAsUser 0"
    for container in containers_of(pod):
        yield from _of_container(container, above)


def _of_container(container: Manifest, above: Mapping[str, Any]) -> Iterator[str]:
    """What ``restricted`` asks of each container; some of it the pod's context may say."""
    name, context = container["name"], _context(container)
    capabilities = context.get("capabilities") or {}
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"the container {name} has no allowPrivilegeEscalation: false"
    if "ALL" not in (capabilities.get("drop") or ()):
        yield f"the container {name} does not drop the capabilities ALL"
    if set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield f"the container {name} adds capabilities: {', '.join(sorted(capabilities['add']))}"
    if context.get("runAsNonRoot", above.get("runAsNonRoot")) is not True:
        yield f"the container {name} has no runAsNonRoot: true"
    if not context.get("seccompProfile", above.get("seccompProfile")):
        yield f"the container {name} has no seccomp profile"


def _parts(pod: Manifest) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pod and its containers, each with its security context."""
    yield "the pod", _context(pod)
    for container in containers_of(pod):
        yield f"the container {container['name']}", _context(container)


def _context(part: Manifest) -> Mapping[str, Any]:
    return part.get("securityContext") or {}
