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


def against_baseline(pod: Manifest) -> Iterator[str]:
    """What the level ``baseline`` would refuse of a pod's specification."""
    for volume in pod.get("volumes") or ():
        if "hostPath" in volume:
            yield f"the volume {volume['name']} is the host path {volume['hostPath'].get('path')}"
    yield from (f"{key} is true" for key in _HOST if pod.get(key))
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


def against_restricted(pod: Manifest) -> Iterator[str]:
    """What the level ``restricted`` would refuse beside that."""
    yield from against_baseline(pod)
    above = _context(pod)
    for container in containers_of(pod):
        name, context = container["name"], _context(container)
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"the container {name} has no allowPrivilegeEscalation: false"
        if "ALL" not in ((context.get("capabilities") or {}).get("drop") or ()):
            yield f"the container {name} does not drop the capabilities ALL"
        if context.get("runAsUser", above.get("runAsUser")) == _ROOT:
            yield f"the container {name} runs as root: runAsUser 0"
        if context.get("runAsNonRoot", above.get("runAsNonRoot")) is not True:
            yield f"the container {name} has no runAsNonRoot: true"


def _context(part: Manifest) -> Mapping[str, Any]:
    return part.get("securityContext") or {}
