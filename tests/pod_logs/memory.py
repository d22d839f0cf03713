"""How much memory `ackp logs` takes with a hundred pods; a test holds it, and `make bench` tells it."""

from __future__ import annotations

from pathlib import Path

from tests.node.pods import eventually
from tests.pod_logs.conftest import Pods
from tests.pod_logs.running import running

MANY = 100
MOST_BYTES = 150 << 20
_TIMES, _LINES, _LENGTH = 20, 20, 5_000
WRITTEN = 1 + _TIMES * _LINES
"""Lines in the log of each pod after `while_following`."""


def while_following(pods: Pods, folder: Path) -> int:
    """The most bytes that it held while it followed a hundred pods, and 200 MB went through it.

    Args:
        pods: The service, with a hundred pods and an empty log.
        folder: Where the output is kept.
    """
    pods.say("before")
    with running(folder, *_logs(pods), "--follow") as command:
        for name in pods.names():
            command.until(f"{name}  before")
        lines = ["x" * _LENGTH] * _LINES
        for _ in range(_TIMES):
            pods.say(*lines)
        line = len(f"{pods.names()[0]}  {lines[0]}\n")
        eventually(lambda: command.out_bytes >= MANY * _TIMES * _LINES * line, 300)
        return command.most_memory()


def of_a_long_tail(pods: Pods, folder: Path) -> tuple[int, int]:
    """The most bytes that it held while it showed all that `while_following` left, and how many lines it showed."""
    with running(folder, *_logs(pods), "--tail", "2000") as command:
        return command.most_memory_until_its_end(), len(command.out)


def _logs(pods: Pods) -> tuple[str | Path, ...]:
    return ("logs", "study", "-s", "uat", "--kubeconfig", pods.plane.kubeconfig)
