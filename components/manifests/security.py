"""Security profiles of a pod: what each demands of the image, and what it takes away.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from components.manifests.metadata import Manifest
from config.service import SecurityProfile

UID = 10001
"""The one user and group of services and LogRetention: heap dumps are written 0600 and belong to it."""
_LAST_PRIVILEGED_PORT = 1023


def pod_security(profile: SecurityProfile, port: int) -> Manifest | None:
    """The pod's security context; None leaves everything to the image."""
    if profile == "legacy":
        return None
    if profile == "baseline":
        return {"seccompProfile": {"type": "RuntimeDefault"}}
    context: Manifest = {
        "runAsNonRoot": True,
        "runAsUser": UID,
        "runAsGroup": UID,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if port <= _LAST_PRIVILEGED_PORT:
        # A safe sysctl: lets a process that is not root listen on the guide's port 80.
        context["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return context


def container_security(profile: SecurityProfile) -> Manifest | None:
    """A container's security context."""
    if profile == "legacy":
        return None
    if profile == "baseline":
        return {"allowPrivilegeEscalation": False}
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
