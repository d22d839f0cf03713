"""Processes that the sandbox starts, and finding those that an earlier, killed command left behind.

A started process inherits an open lock file. The lock lasts as long as the process, whatever happened to the command
that started it, so a held lock is the proof that the process noted in the file is alive and is ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

_POLL_SECONDS = 0.1

# What a program needs to run at all, to find its files, and to reach the network the way its user does.
_PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TERM", "NO_COLOR", "XDG_CACHE_HOME")
_PASSED_ON_PREFIXES = ("LC_", "SSL_CERT_")


def bare_environment() -> dict[str, str]:
    """The environment without anything that names a cloud account, a cluster or a Pulumi setting."""
    return {
        name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }


def start(
    command: Sequence[str | Path],
    lock: Path | None,
    *,
    environment: Mapping[str, str],
    directory: Path,
    stdin: int | None,
    stderr: int | IO[Any],
) -> subprocess.Popen[str]:
    """Start a process in a session of its own, so that Ctrl-C reaches it only through `signal`.

    Args:
        command: Program and arguments.
        lock: The lock file that the process holds while it lives; None for one that only reads.
        environment: Its whole environment.
        directory: Its working directory.
        stdin: As for `subprocess.Popen`.
        stderr: As for `subprocess.Popen`; standard output is always a pipe.
    """
    with ExitStack() as stack:
        held = stack.enter_context(lock.open("a+", encoding="utf-8")) if lock else None
        if held:
            fcntl.flock(held, fcntl.LOCK_EX)
        process = subprocess.Popen(  # noqa: S603 - the engine, or this Python
            command,
            env=dict(environment),
            cwd=directory,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            pass_fds=(held.fileno(),) if held else (),
            start_new_session=True,
        )
        if held:
            held.truncate(0)
            held.write(str(process.pid))
        return process


def end_left_over(lock: Path, patience: float) -> bool:
    """End the process that holds a lock, if there is one.

    Args:
        lock: The lock file.
        patience: Seconds to wait for it to end by itself, and again after it was asked to.

    Returns:
        Whether there was one.
    """
    if not lock.exists() or _wait_until_free(lock, 0):
        return False
    for request in (None, signal.SIGTERM, signal.SIGKILL):
        if request is not None:
            with contextlib.suppress(ValueError, ProcessLookupError):
                os.kill(int(lock.read_text(encoding="utf-8")), request)
        if _wait_until_free(lock, patience):
            break
    return True


def _wait_until_free(lock: Path, patience: float) -> bool:
    deadline = time.monotonic() + patience
    with lock.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                return True
