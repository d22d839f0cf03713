"""What a container that has nothing to do costs: read from its control group."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic.dataclasses import dataclass

from cluster.node.node import Node
from config.registration import SIDECAR_NAME
from tests.cluster.api import Object
from tests.node.pods import status_of


@dataclass(frozen=True)
class Cost:
    """A container at rest.

    Attributes:
        seconds: How long it was looked at.
        millicores: Its processor time, in thousandths of a core on average.
        mebibytes: The largest working set seen, as kubelet counts it: memory without inactive file pages.
    """

    seconds: float
    millicores: float
    mebibytes: float

    def __str__(self) -> str:
        """For a log."""
        return f"{self.millicores:.1f} millicores and {self.mebibytes:.1f} MiB in {self.seconds:.0f} s"


def sidecar_at_rest(node: Node, pod: Object, seconds: float) -> Cost:
    """Look at a pod's registration sidecar for so many seconds.

    Source of the working set: https://kubernetes.io/docs/reference/instrumentation/node-metrics/
    """
    groups = node.control_groups(pod["metadata"]["uid"], status_of(pod, SIDECAR_NAME)["containerID"])
    begin, used, largest = time.monotonic(), _processor_seconds(groups), 0
    while (left := begin + seconds - time.monotonic()) > 0:
        largest = max(largest, _working_set(groups))
        time.sleep(min(0.5, left))
    took = time.monotonic() - begin
    return Cost(took, 1000 * (_processor_seconds(groups) - used) / took, largest / (1 << 20))


def _processor_seconds(groups: dict[str, Path]) -> float:
    if "" in groups:
        return _numbers(groups[""] / "cpu.stat")["usage_usec"] / 1e6
    return int((groups["cpuacct"] / "cpuacct.usage").read_text()) / 1e9


def _working_set(groups: dict[str, Path]) -> int:
    if "" in groups:
        used, idle = groups[""] / "memory.current", _numbers(groups[""] / "memory.stat")["inactive_file"]
    else:
        used = groups["memory"] / "memory.usage_in_bytes"
        idle = _numbers(groups["memory"] / "memory.stat")["total_inactive_file"]
    return int(used.read_text()) - idle


def _numbers(path: Path) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in path.read_text().splitlines())}
