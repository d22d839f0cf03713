"""Ctrl-C and SIGTERM while the engine works: what is in flight ends, the state is saved, then the command ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from sandbox.command import EngineCommand
from sandbox.progress import Progress

_ECHO_SECONDS = 1.0
"""`make` passes on a signal that the whole group got already; the second one is no second request."""


@dataclass
class Interruption:
    """What was asked for by signals.

    Attributes:
        requests: How often an end was asked for.
    """

    requests: int = 0


@contextmanager
def graceful(command: EngineCommand, progress: Progress) -> Iterator[Interruption]:
    """Pass signals on to the engine, once each.

    The first one lets the operations in flight end. The second one stops the engine at once; the next command then
    repairs the state. With no engine at work, `KeyboardInterrupt` is raised as usual. After a request the process is
    about to end, and more of them are ignored: a late copy of the request must not cut the report off.
    """
    interruption = Interruption()
    heard = 0.0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal heard
        now = time.monotonic()
        if interruption.requests and now - heard < _ECHO_SECONDS:
            return
        heard = now
        interruption.requests += 1
        if not command.signal(signal.SIGINT):
            raise KeyboardInterrupt
        if interruption.requests == 1:
            progress.line("Interrupted: what is in flight ends first, then the state is saved. Again to stop at once.")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if interruption.requests else handler)
