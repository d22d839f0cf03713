"""An ephemeral container: put into a pod, waited for, and read."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from adopt.connection import ClusterError, Connection, RefusedError
from sandbox.problem import SandboxError

Object = dict[str, Any]
STRATEGIC = "application/strategic-merge-patch+json"
START_SECONDS = 300
"""How long the container may take to start: its image may have to be pulled."""
_LOOK_SECONDS = 1.0
_HOPELESS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "RunContainerError")

Told = Callable[[str], None]


class Session:
    """One ephemeral container in one pod. It stays listed in the pod until that ends; nothing can remove it.

    Args:
        connection: to the cluster.
        namespace: the pod's namespace.
        pod: the pod's name.
    """

    def __init__(self, connection: Connection, namespace: str, pod: str) -> None:
        self._connection = connection
        self._path = f"/api/v1/namespaces/{namespace}/pods/{pod}"
        self._pod = pod
        self._name = ""

    @property
    def left(self) -> str:
        """What is left of it; empty before it is begun."""
        return f"the container {self._name} stays listed in {self._pod} until the pod ends" if self._name else ""

    def begin(self, container: Object) -> None:
        """Put the container into the pod.

        Raises:
            ClusterError: the API server refuses it, or does not answer.
        """
        try:
            self._connection.patch(
                f"{self._path}/ephemeralcontainers", {"spec": {"ephemeralContainers": [container]}}, STRATEGIC
            )
        except RefusedError as error:
            mend = ("pods/ephemeralcontainers", "patch") if error.forbidden else ()
            raise refused(f"{self._pod} takes no ephemeral container", error, *mend) from None
        self._name = container["name"]

    def start(self, told: Told) -> None:
        """Wait until the container runs, or has ended.

        Args:
            told: is told what it waits for.

        Raises:
            SandboxError: it does not start, or the pod is gone.
            ClusterError: the API server does not answer, or lets nobody look.
        """
        deadline = time.monotonic() + START_SECONDS
        while not (state := self._state()).keys() & {"running", "terminated"}:
            waiting = state.get("waiting") or {}
            reason = waiting.get("reason", "the node has not taken it up")
            told(f"Waiting for the container: {reason}")
            if reason in _HOPELESS or time.monotonic() > deadline:
                said = waiting.get("message")
                raise SandboxError(
                    f"The container {self._name} in {self._pod} does not start: {reason}"
                    f"{f': {said}' if said else ''}; debug.image is what it runs"
                )
            time.sleep(_LOOK_SECONDS)

    def wait(self, told: Told, seconds: float = math.inf) -> int:
        """Wait until the container has ended; its exit code.

        Args:
            told: is told what it waits for.
            seconds: how long to wait once it runs.

        Raises:
            SandboxError: it does not start, or does not end in time, or the pod is gone.
            ClusterError: the API server does not answer, or lets nobody look.
        """
        self.start(told)
        deadline = time.monotonic() + seconds
        while "terminated" not in (state := self._state()):
            told("The container runs")
            if time.monotonic() > deadline:
                raise SandboxError(f"The container {self._name} in {self._pod} has not ended within {seconds:.0f} s")
            time.sleep(_LOOK_SECONDS)
        code: int = state["terminated"]["exitCode"]
        return code

    def lines(self) -> list[str]:
        """What the container said.

        Raises:
            SandboxError: the pod is gone.
            ClusterError: the API server does not answer, or lets nobody read it.
        """
        try:
            said = b"".join(self._connection.stream(f"{self._path}/log", {"container": self._name}))
        except RefusedError as error:
            raise (
                self._gone(error)
                if error.missing
                else refused(f"The log of {self._name} in {self._pod} cannot be read", error, "pods/log", "get")
            ) from None
        return said.decode(errors="replace").splitlines()

    def _state(self) -> Object:
        try:
            pod = self._connection.get(self._path)
        except RefusedError as error:
            raise (
                self._gone(error) if error.missing else refused(f"{self._pod} cannot be read", error, "pods", "get")
            ) from None
        statuses = (pod.get("status") or {}).get("ephemeralContainerStatuses") or ()
        found: Object = next((each.get("state") or {} for each in statuses if each["name"] == self._name), {})
        return found

    def _gone(self, error: RefusedError) -> SandboxError:
        return SandboxError(f"The pod {self._pod} ended meanwhile, and the container {self._name} with it: {error}")


def refused(what: str, error: RefusedError, resource: str = "", verb: str = "", role: str = "debugger") -> ClusterError:
    """What to say where the API server refuses; for want of a right, with the file that gives it."""
    mend = f"an administrator gives the verb {verb} on {resource} there: docs/rbac/{role}.yaml"
    return ClusterError(what, said=str(error), mend=mend if error.forbidden and verb else "")
