"""What every download has in common: when it is given up, and what the report says then.

Needs the standard library only: `scripts/bootstrap.py` works with it before there is an environment.
"""

from __future__ import annotations

import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

_T = TypeVar("_T")

VARIABLE = "ACKP_STALL_SECONDS"
"""The environment variable for `stall_seconds`."""

CRAWL_BYTES = 16 * 1024
"""Less than this within `stall_seconds` is standing still: a server that sends a byte a second never ends."""

WITHOUT_NETWORK = "without network: `ackp bundle` on a connected machine, `scripts/venv --bundle FILE` here"
"""The way that needs no server at all."""

_STALL_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
_IDLE_SHARE = 0.05  # of one core; a client that only waits for the network takes far less


class WayFailedError(Exception):
    """One way to something is closed; the text is the reason, one line."""


def stall_seconds() -> float:
    """How long a download may stand still.

    Raises:
        WayFailedError: `ACKP_STALL_SECONDS` is set, and is no positive number.
    """
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        return _STALL_SECONDS
    try:
        seconds = float(chosen)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise WayFailedError(f'{VARIABLE} is "{chosen}": it takes seconds, for example {_STALL_SECONDS:.0f}')
    return seconds


def connect_seconds() -> float:
    """How long a server may take to answer at all: name, connection and first header together."""
    return min(_CONNECT_SECONDS, stall_seconds())


def within_bounds(ask: Callable[[], _T]) -> _T:
    """What a call gives. A client itself bounds neither a name lookup nor an answer that crawls.

    Raises:
        TimeoutError: It took longer than connecting and standing still together may take.
    """
    done: queue.SimpleQueue[Callable[[], _T]] = queue.SimpleQueue()

    def work() -> None:
        try:
            found = ask()
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that waits
            done.put(partial(_raise, error))
        else:
            done.put(lambda: found)

    threading.Thread(target=work, daemon=True).start()
    try:
        result = done.get(timeout=connect_seconds() + stall_seconds())
    except queue.Empty:
        raise TimeoutError from None
    return result()


def _raise(error: Exception) -> NoReturn:
    raise error


def python_index() -> str | None:
    """The package index that the user configured for uv or pip; None where it is PyPI."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this Python's own pip
    return done.stdout.strip() or None


def host_of(url: str) -> str:
    """The host of an address, with its port if it names one; never the user and password that may stand before it."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def given_up(hosts: str, what: str, mirrors: str | None = None) -> str:
    """The report on a download that was given up, one line.

    Args:
        hosts: Who was asked.
        what: What they did, for example `did not answer in 10 s`.
        mirrors: The client's own setting for another address, for example `GOPROXY`; None where it has none.
    """
    proxies = {host_of(os.environ[name]) for name in ("HTTPS_PROXY", "https_proxy") if os.environ.get(name)}
    through = f" (through the proxy {', '.join(proxies)})" if proxies else ""
    elsewhere = f"{mirrors} names another address, HTTPS_PROXY a proxy" if mirrors else "HTTPS_PROXY names a proxy"
    return f"{hosts}{through} {what}. {elsewhere}; {VARIABLE} is how long to wait; {WITHOUT_NETWORK}"


class Standstill:
    """Watches something that should grow.

    Args:
        seconds: How long it may stand still.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since, self._from = time.monotonic(), 0.0

    def stands(self, amount: float) -> bool:
        """Whether it has changed by less than `CRAWL_BYTES` for too long, now that it is at `amount`."""
        now = time.monotonic()
        if abs(amount - self._from) >= CRAWL_BYTES:  # less, too: a process that ended takes what it wrote with it
            self._since, self._from = now, amount
        return now - self._since >= self.seconds


def work_of(group: int, seconds: float) -> tuple[float, int] | None:
    """How much the processes of a process group have done so far, for `Standstill`, and the bytes that they wrote.

    Written bytes count as they are, and a moment of computing as much as keeps it from standing still.

    Args:
        group: The process group.
        seconds: How long it may stand still.

    Returns:
        None where the system does not tell: that needs Linux's `/proc`.
        Source: https://man7.org/linux/man-pages/man5/proc_pid_io.5.html
    """
    if not Path("/proc/self/io").exists():
        return None
    ticks, written = 0, 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += sum(map(int, fields[11:15]))  # its own time and that of children that ended
                written += int((process / "io").read_text().partition("wchar: ")[2].split()[0])
        except (OSError, IndexError):
            continue  # it ended meanwhile
    computing = ticks / os.sysconf("SC_CLK_TCK") / (_IDLE_SHARE * seconds)
    return computing * CRAWL_BYTES + written, written
