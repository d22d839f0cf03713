"""A command that takes its time, in sight: what it says is progress, and its last words are the error."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from sandbox.engine import WayFailedError
from sandbox.progress import Progress

_TICK = 0.5
_LAST_WORDS = 15


def run_in_sight(
    name: str,
    command: Sequence[str | Path],
    progress: Progress,
    *,
    variables: Mapping[str, str] | None = None,
    limit: float = 900.0,
) -> None:
    """Run a command to its end; every moment ``progress`` is told how long it has taken and its last line.

    Args:
        name: What people read in progress lines and errors.
        command: The program and its arguments; it reads nothing.
        progress: Where progress goes.
        variables: Environment variables beside those of this process.
        limit: Seconds after which it and what it started are ended.

    Raises:
        WayFailedError: It failed, took too long, or is not on this machine.
    """
    try:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except FileNotFoundError:
        raise WayFailedError(f"{name}: no `{command[0]}` on PATH") from None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    last: deque[str] = deque(maxlen=_LAST_WORDS)
    begin = time.monotonic()
    try:
        while True:
            taken = time.monotonic() - begin
            if taken > limit:
                raise WayFailedError(f"{name}: not ready after {limit:.0f} s ({last[-1] if last else 'silent'})")
            progress.live(f"{name}: {taken:.0f} s, {last[-1] if last else 'starting'}")
            try:
                line = lines.get(timeout=_TICK)
            except queue.Empty:
                continue
            if line is None:
                break
            if line:
                last.append(line)
        if process.wait() != 0:
            raise WayFailedError("\n  ".join([f"{name}: exit code {process.returncode}", *last]))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _read(stream: IO[str] | None, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream or ():
        lines.put(line.strip())
    lines.put(None)
