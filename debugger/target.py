"""The container that is looked into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adopt.connection import Connection, RefusedError, nearest
from components.manifests.metadata import selector
from config import StackSettings
from debugger.session import refused
from sandbox.problem import SandboxError

Object = dict[str, Any]
_PERIOD_SECONDS, _FAILURES = 10, 3
"""What a probe has where it says nothing: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe"""


@dataclass(frozen=True)
class Target:
    """A running container of a service.

    Attributes:
        pod: its pod's name.
        container: its manifest.
        node: its node's name.
        address: its pod's.
    """

    pod: str
    container: Object
    node: str = ""
    address: str = ""

    @property
    def patience(self) -> int | None:
        """For how many seconds it may not answer until it is started anew; None where nobody asks."""
        probe = self.container.get("livenessProbe")
        if probe is None:
            return None
        seconds: int = probe.get("periodSeconds", _PERIOD_SECONDS) * probe.get("failureThreshold", _FAILURES)
        return seconds

    def companion(self, name: str, image: str, command: list[str], *, stdin: bool = False) -> Object:
        """An ephemeral container beside it that may see its processes and, as the same user, its files.

        It has the same security context: whatever admitted the pod admits it, and the kernel lets it look into a
        process of the same user and no more capabilities. Only its own files it may write, for what tools keep in /tmp.
        It has no mounts: a volume's `subPath` is refused in ephemeral containers.
        https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/

        Args:
            name: its name, new to the pod.
            image: its image.
            command: what it runs.
            stdin: whether it is spoken to; its standard input ends with the first who does.
        """
        security = dict(self.container.get("securityContext") or {})
        security.pop("readOnlyRootFilesystem", None)
        return {
            "name": name,
            "image": image,
            "command": [word.replace("$", "$$") for word in command],  # the kubelet makes one of two
            "targetContainerName": self.container["name"],
            **({"securityContext": security} if security else {}),
            **({"stdin": True, "stdinOnce": True} if stdin else {}),
        }


def tools_image(settings: StackSettings) -> str:
    """The image of the tools.

    Raises:
        SandboxError: the stack has none.
    """
    if settings.debug is None:
        raise SandboxError(f"The stack {settings.stack} has no debug: set debug.image in its stack file")
    return settings.debug.image


def live_pods(connection: Connection, settings: StackSettings, service: str, role: str = "debugger") -> list[Object]:
    """The pods of a service, those on their way out left out.

    Args:
        connection: to the stack's cluster.
        settings: the stack's settings.
        service: a service of it.
        role: the file in docs/rbac that gives the right.

    Raises:
        ClusterError: they cannot be read.
    """
    labels = ",".join(f"{key}={value}" for key, value in selector(settings, service).items())
    try:
        found = connection.get(f"/api/v1/namespaces/{settings.namespace}/pods", {"labelSelector": labels})
    except RefusedError as error:
        raise refused(f"The pods of {service} cannot be read", error, "pods", "list", role) from None
    return [each for each in found["items"] if "deletionTimestamp" not in each["metadata"]]


def live_target(
    connection: Connection, settings: StackSettings, service: str, wanted: str | None, role: str = "debugger"
) -> Target:
    """The container of a service in one of its live pods.

    Args:
        connection: to the stack's cluster.
        settings: the stack's settings.
        service: a service of it.
        wanted: the pod; None: the first by name whose container runs.
        role: the file in docs/rbac that gives the right to read them.

    Raises:
        SandboxError: there is no such pod, or its container does not run.
        ClusterError: they cannot be read.
    """
    return target(live_pods(connection, settings, service, role), service, settings.container(service), wanted)


def target(pods: Iterable[Object], service: str, container: str, wanted: str | None = None) -> Target:
    """The container to look into.

    Args:
        pods: the service's live pods.
        service: its name.
        container: the name of its container.
        wanted: the pod; left out: the first by name whose container runs.

    Raises:
        SandboxError: there is no such pod, or its container does not run.
    """
    known = {str(each["metadata"]["name"]): each for each in pods}
    if wanted is not None and wanted not in known:
        raise SandboxError(f"{wanted} is no pod of {service}; {nearest(wanted, known) or 'it has none'}")
    asked = [wanted] if wanted is not None else sorted(known)
    for name in asked:
        if _runs(known[name], container):
            (found,) = [each for each in known[name]["spec"]["containers"] if each["name"] == container]
            address = (known[name].get("status") or {}).get("podIP", "")
            return Target(name, found, known[name]["spec"].get("nodeName", ""), address)
    what = f"the container {container} of {wanted}" if wanted is not None else f"no pod of {service}"
    raise SandboxError(f"{what} {'does not run' if wanted is not None else 'runs'}: `ackp watch` says why")


def _runs(pod: Object, container: str) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any(each["name"] == container and "running" in (each.get("state") or {}) for each in statuses)
