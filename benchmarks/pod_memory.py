"""What `ackp logs` and `ackp watch` hold of a hundred pods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparisons import Figure, Runs
from benchmarks.measure import UnexpectedEndError
from cluster.plane import running_plane
from sandbox.progress import Lines
from tests.diagnosis.memory import close_gate, while_watching
from tests.pod_logs.conftest import deployed
from tests.pod_logs.memory import MANY, MOST_BYTES, WRITTEN, of_a_long_tail, while_following


def pod_memory(folder: Path, _runs: Runs) -> Iterator[Figure]:
    """The tests' own runs, once, on a control plane with imitated pods."""
    with running_plane(Lines()) as plane:
        pods = deployed(plane)
        plane.container_log.write_text("", encoding="utf-8")
        pods.scale(MANY)
        yield _figure(f"logs --follow, {MANY} pods, 200 MB go through", while_following(pods, folder))
        most, lines = of_a_long_tail(pods, folder)
        if lines != MANY * WRITTEN:
            raise UnexpectedEndError(f"ackp logs showed {lines} lines of {MANY * WRITTEN}")
        yield _figure("logs --tail 2000, the same pods", most)
        pods.scale(2)
        close_gate(pods)
        yield _figure(f"watch, {MANY} pods that are not ready", while_watching(pods, folder))


def _figure(what: str, held: int) -> Figure:
    return Figure(f"{what}: memory", f"{held >> 20} MiB", f"{MOST_BYTES >> 20} MiB", held < MOST_BYTES)
