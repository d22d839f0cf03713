"""A process that owns others: it says one line, and ends all when a signal or the end of its input says so."""

from __future__ import annotations

import contextlib
import json
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import NoReturn

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class EndedError(BaseException):
    """A signal asked for the end."""


def end_on_signals() -> None:
    """From now on a signal raises `EndedError` in the main thread, once: the end itself is not interrupted."""
    for number in _SIGNALS:
        signal.signal(number, _ended)


def keep(watch: Callable[[], None], *, with_parent: bool) -> None:
    """Watch every second, until a signal comes or, `with_parent`, standard input closes."""
    inputs = [sys.stdin] if with_parent else []
    while not select.select(inputs, [], [], 1.0)[0]:
        watch()


def ask(process: subprocess.Popen[str], question: Mapping[str, object] | None = None) -> dict[str, str]:
    """Tell a process one line of JSON, or nothing, and wait for the line that it says; empty once it has ended."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("its standard input and output must be pipes")
    if question is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
    line = process.stdout.readline()
    answer: dict[str, str] = json.loads(line) if line else {}
    return answer


def say(message: Mapping[str, str]) -> None:
    """Tell whoever started this process."""
    with contextlib.suppress(BrokenPipeError):  # it has ended
        print(json.dumps(message), flush=True)  # noqa: T201 - this is how the process speaks


def _ended(*_: object) -> NoReturn:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise EndedError
