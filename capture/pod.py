"""The pod that captures: on the node of another one, for minutes, in a namespace that admits it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from adopt.connection import ClusterError, Connection, RefusedError
from config.debug import PacketCapture
from sandbox.problem import SandboxError

Object = dict[str, Any]
Told = Callable[[str], None]

NAMESPACE = "ack-platform-capture"
"""Where these pods run. docs/rbac/capturer.yaml makes it: who may make and remove namespaces may remove any."""
LABELS = {"app.kubernetes.io/managed-by": "ackp-tcpdump"}
CONTAINER = "tcpdump"
START_SECONDS = 120
"""How long the pod may take to start: its image may have to be pulled."""
_LOOK_SECONDS = 0.5
_MORE_SECONDS = 30
"""How much longer it lives than it is needed: whoever captures ends first."""
_ENDED = ("Succeeded", "Failed")
_HOPELESS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "RunContainerError")
_PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


class CapturePod:
    """It runs nothing but `sleep`, and ends by itself; `tcpdump` is run in it.

    It has the node's network, where the packets of every pod pass by, and of capabilities NET_RAW, and what tcpdump
    needs to become a user without any; no files, no token, no processes of others.

    Args:
        connection: to the cluster.
        settings: the stack's `debug.packetCapture`.
        node: the node's name.
        seconds: for how long it is needed once it runs.

    Attributes:
        name: its name.
        path: its path; for what is run in it.
    """

    def __init__(self, connection: Connection, settings: PacketCapture, node: str, seconds: int) -> None:
        self._connection, self._settings = connection, settings
        self._node, self._seconds = node, seconds + _MORE_SECONDS
        self.name = f"tcpdump-{datetime.now(UTC).strftime('%Y%m%dt%H%M%S%f')}"
        self.path = f"{_PODS}/{self.name}"
        self._asked = False

    def manifest(self) -> Object:
        """The pod."""
        container = {
            "name": CONTAINER,
            "image": self._settings.image,
            "command": ["sleep", str(self._seconds)],
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
            "securityContext": {
                "runAsUser": 0,
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"], "add": ["NET_RAW", "SETGID", "SETUID"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
        secret = self._settings.pull_secret
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": self.name, "namespace": NAMESPACE, "labels": LABELS},
            "spec": {
                "nodeName": self._node,
                "hostNetwork": True,
                "restartPolicy": "Never",
                "activeDeadlineSeconds": START_SECONDS + self._seconds,
                "terminationGracePeriodSeconds": 1,
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "tolerations": [{"operator": "Exists"}],
                **({"imagePullSecrets": [{"name": secret}]} if secret else {}),
                "containers": [container],
            },
        }

    def begin(self, told: Told, removed: Told) -> None:
        """Remove what earlier runs left, make the pod, and wait until it runs.

        Args:
            told: is told what it waits for.
            removed: is told what it removes.

        Raises:
            SandboxError: it does not start.
            ClusterError: the API server refuses it, or does not answer.
        """
        self._sweep(removed)
        self._asked = True  # the answer may be lost, and the pod be there
        try:
            self._connection.post(_PODS, self.manifest())
        except RefusedError as error:
            self._asked = False
            raise refused("No pod can be made", error, "create") from None
        deadline = time.monotonic() + START_SECONDS
        while (waiting := self._waiting()) is not None:
            reason = waiting.get("reason") or "the node has not taken it up"
            told(f"Waiting for the pod on {self._node}: {reason}")
            if reason in _HOPELESS or time.monotonic() > deadline:
                said = waiting.get("message")
                raise SandboxError(
                    f"The pod {self.name} does not start on {self._node}: {reason}{f': {said}' if said else ''};"
                    " debug.packetCapture.image is what it runs"
                )
            time.sleep(_LOOK_SECONDS)

    def end(self) -> str:
        """Remove it; where that fails, what is left and how to remove it, else empty."""
        if not self._asked:
            return ""
        try:
            said = self._connection.removal_failure(self.path, {})
        except KeyboardInterrupt:
            said = "interrupted"
        if not said:
            return ""
        return (
            f"The pod {self.name} is left: {said}. It ends by itself within {START_SECONDS + self._seconds} s\n"
            f"  kubectl delete pod {self.name} -n {NAMESPACE}"
        )

    def _waiting(self) -> Object | None:
        """What its container waits for; None once it runs."""
        try:
            pod = self._connection.get(self.path)
        except RefusedError as error:
            raise refused(f"The pod {self.name} cannot be read", error, "get") from None
        status = pod.get("status") or {}
        if status.get("phase") in _ENDED:
            return {"reason": "RunContainerError", "message": status.get("message") or "it has ended"}
        state = next((each.get("state") or {} for each in status.get("containerStatuses") or ()), {})
        return None if "running" in state else state.get("waiting") or {}

    def _sweep(self, removed: Told) -> None:
        """Remove the pods of runs that were killed: they have ended by themselves."""
        labels = ",".join(f"{key}={value}" for key, value in LABELS.items())
        try:
            found = self._connection.get(_PODS, {"labelSelector": labels})["items"]
        except RefusedError as error:
            raise refused("What earlier runs left cannot be listed", error, "list") from None
        for each in found:
            ended = (each.get("status") or {}).get("phase") in _ENDED
            if ended and "deletionTimestamp" not in each["metadata"]:
                name = str(each["metadata"]["name"])
                removed(f"Removing {name}, which an earlier run left")
                try:
                    self._connection.delete(f"{_PODS}/{name}", {})
                except RefusedError as error:
                    if not error.missing:
                        raise refused(f"{name} of an earlier run cannot be removed", error, "delete") from None


def refused(what: str, error: RefusedError, verb: str, resource: str = "pods") -> ClusterError:
    """What to say where the API server refuses; with the file that mends it, where one does."""
    if error.missing:
        mend = f"an administrator makes the namespace {NAMESPACE}: kubectl apply -f docs/rbac/capturer.yaml"
    else:
        mend = f"an administrator gives the verb {verb} on {resource} in {NAMESPACE}: docs/rbac/capturer.yaml"
    return ClusterError(what, said=str(error), mend=mend if error.missing or error.forbidden else "")
