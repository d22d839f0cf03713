"""Arthas in the JVM of a service: attached by a container beside it, and taken away by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from adopt.connection import Connection, RefusedError
from adopt.streams import Attached
from debugger.conversation import Conversation
from debugger.script import script
from debugger.session import Session, Told, refused
from debugger.target import Target
from sandbox.problem import SandboxError

_SCRIPT = "arthas.sh"
_END_SECONDS = 90
"""How long Arthas may take to go: the script gives it 30 s, after whatever it was doing."""
_STILL_THERE = 2
"""The script's exit code where Arthas could not be taken away."""


class Arthas:
    """One session with one pod.

    Args:
        connection: to the cluster.
        namespace: the pod's namespace.
        target: the service's container.

    Attributes:
        pod: the pod's name.
    """

    def __init__(self, connection: Connection, namespace: str, target: Target) -> None:
        self._connection, self._target, self.pod = connection, target, target.pod
        self._path = f"/api/v1/namespaces/{namespace}/pods/{self.pod}"
        self._session = Session(connection, namespace, self.pod)
        self._conversation: Conversation | None = None

    @property
    def left(self) -> str:
        """What is left of it; empty before it is begun."""
        return self._session.left

    def begin(self, image: str, commands: Sequence[str], told: Told) -> Conversation:
        """Put the container into the pod, and wait until Arthas listens.

        Args:
            image: its image, with a JDK and Arthas.
            commands: what Arthas is to run; none: it is typed.
            told: is told what it waits for.

        Raises:
            SandboxError: the container does not start, or Arthas cannot attach.
            ClusterError: the API server refuses it, or does not answer.
        """
        name = f"arthas-{datetime.now(UTC).strftime('%Y%m%dt%H%M%Sz')}"
        words = ["sh", "-c", script(_SCRIPT), _SCRIPT, *commands]
        self._session.begin(self._target.companion(name, image, words, stdin=True))
        self._session.start(told)
        try:
            found = self._conversation = Conversation(Attached(self._connection, self._path, name))
        except RefusedError as error:
            what = f"The container {name} in {self.pod} cannot be spoken to"
            raise refused(what, error, "pods/attach", "get and create") from None
        if not found.begin(told):
            raise SandboxError(self._failure(self._session.wait(told)))
        return found

    def end(self, told: Told) -> str:
        """Leave, whereupon the container takes Arthas away and ends; what went wrong, empty where nothing is left.

        Args:
            told: is told what it waits for.

        Raises:
            SandboxError: the container does not end, or the pod is gone.
            ClusterError: the API server does not answer.
        """
        if self._conversation is not None:
            self._conversation.end()
        code = self._session.wait(told, _END_SECONDS)
        return "" if code in (0, 1) else self._failure(code)

    def _failure(self, code: int) -> str:
        """Why it failed, by the container's exit code."""
        said = self._conversation.reason if self._conversation else ""
        reason = said or f"the container ended with {code}: did the JVM end?"
        return f"{'Arthas is left in' if code == _STILL_THERE else 'no Arthas in'} {self.pod}: {reason}"
