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


def keep(
    watch: Callable[[], None], *, with_parent: bool, serve: Callable[[Mapping[str, str]], None] | None = None
) -> None:
    """Watch every second, until a signal comes or, `with_parent`, standard input closes.

    Args:
        watch: Sees that all is well.
        with_parent: Whether the parent holds standard input open for as long as it lives.
        serve: Does what the parent asks for with a line of JSON, which is then said back to it.
    """
    inputs = [sys.stdin] if with_parent else []
    while True:
        if select.select(inputs, [], [], 1.0)[0]:
            line = sys.stdin.readline()
            if not line or serve is None:
                return
            question: dict[str, str] = json.loads(line)
            serve(question)
            say(question)
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
