"""curl in a service's own container, or, where its image has none, in one beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from adopt.connection import Connection, RefusedError
from adopt.streams import Exec, Outcome
from config import StackSettings
from debugger.session import Session, refused
from debugger.target import Target
from reach.destination import Destination
from reach.probe import ANSWER_SECONDS, Answer, answer, command
from sandbox.problem import SandboxError

Told = Callable[[str], None]
_MORE_SECONDS = 15
"""What starting the command and its way to here may take."""
_NO_PROGRAM = ("executable file not found", "no such file or directory")


def ask(
    connection: Connection, settings: StackSettings, target: Target, destination: Destination, told: Told
) -> Answer:
    """What curl finds from inside a pod.

    Args:
        connection: to the stack's cluster.
        settings: the stack's settings.
        target: the container.
        destination: what is asked.
        told: is told what stays in the pod.

    Raises:
        SandboxError: there is no curl, or it cannot ask.
        ClusterError: the API server refuses it, or does not answer.
    """
    words = command(destination)
    outcome, text = _in_container(connection, settings.namespace, target, words)
    if outcome.code is None and any(each in outcome.said for each in _NO_PROGRAM):
        outcome, text = _beside(connection, settings, target, words, told)
    if outcome.code is None:
        raise SandboxError(f"curl does not start in the container of {target.pod}: {outcome.said}")
    return answer(outcome.code, text, destination.port)


def _in_container(connection: Connection, namespace: str, target: Target, words: list[str]) -> tuple[Outcome, str]:
    pod, container = f"/api/v1/namespaces/{namespace}/pods/{target.pod}", str(target.container["name"])
    try:
        running = Exec(connection, pod, container, words)
    except RefusedError as error:
        if error.missing:
            raise SandboxError(f"The pod {target.pod} ended meanwhile: {error}") from None
        verb = "get and create"
        raise refused(f"No command runs in {target.pod}", error, "pods/exec", verb, "prober") from None
    said, end = bytearray(), monotonic() + ANSWER_SECONDS + _MORE_SECONDS
    try:
        while running.outcome is None:
            if monotonic() > end:
                raise SandboxError(f"curl in {target.pod} does not end; what it said: {said.decode(errors='replace')}")
            if piece := running.receive(1):
                said += piece[1]
    finally:
        running.close()
    return running.outcome, said.decode(errors="replace")


def _beside(
    connection: Connection, settings: StackSettings, target: Target, words: list[str], told: Told
) -> tuple[Outcome, str]:
    name = str(target.container["name"])
    if settings.debug is None:
        raise SandboxError(
            f"the image of {name} has no curl, and the stack {settings.stack} no debug.image whose curl could stand in"
            " for it: set one in its stack file"
        )
    told(f"the image of {name} has no curl; that of debug.image is asked")
    session = Session(connection, settings.namespace, target.pod)
    moment = datetime.now(UTC).strftime("%Y%m%dt%H%M%Sz").lower()
    try:
        session.begin(target.companion(f"reach-{moment}", settings.debug.image, words))
        code = session.wait(lambda _: None)
        return Outcome(code), "\n".join(session.lines())
    finally:
        if session.left:
            told(session.left)
