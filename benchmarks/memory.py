"""The memory of a process and of everything below it, added up."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable
from typing import Self

_PROCESSES = ("ps", "-A", "-o", "pid=,ppid=,rss=")  # the same words on Linux and macOS
_PERIOD_SECONDS = 0.5


class MemorySampler:
    """Looks at a process and all below it, again and again, while the block runs.

    What processes share is counted for each of them, so the sum is more than what the machine needs.

    Args:
        root: The process.

    Attributes:
        peak_mib: The largest sum of resident memory that was seen, MiB.
    """

    def __init__(self, root: int) -> None:
        self.peak_mib = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, args=(root,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self, root: int) -> None:
        while not self._over.wait(_PERIOD_SECONDS):
            listed = subprocess.run(_PROCESSES, capture_output=True, text=True, check=True)  # noqa: S603 - `ps`
            self.peak_mib = max(self.peak_mib, memory_below(root, listed.stdout.splitlines()))


def memory_below(root: int, lines: Iterable[str]) -> float:
    """The resident memory, MiB, of a process and of all below it.

    Args:
        root: The process.
        lines: Of every process its id, its parent's id, and its resident memory in KiB.
    """
    kibibytes: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for line in lines:
        process, parent, memory = map(int, line.split())
        kibibytes[process] = memory
        children.setdefault(parent, []).append(process)
    found, total = [root], 0
    while found:
        process = found.pop()
        total += kibibytes.get(process, 0)
        found += children.get(process, ())
    return total / 1024
