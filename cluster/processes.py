"""Processes that belong together: started, watched and ended as one."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import time
import urllib.error
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY_SECONDS = 120.0
"""How long one step may take until it is ready, on a machine that is busy with other things."""

_POLL = 0.1


class StartError(Exception):
    """Something did not come up; the text says which process, and its last words."""


class PortTakenError(StartError):
    """Another process took a port between its choice and its use."""


class Processes:
    """Processes that live and die together, each with a log file of its own.

    Args:
        directory: Their working directory, and the folder of their logs.
        lock: A descriptor that every process keeps open while it lives.
    """

    def __init__(self, directory: Path, lock: int | None = None) -> None:
        self._directory = directory
        self._lock = lock
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, Sequence[str | Path]] = {}

    @property
    def ids(self) -> frozenset[int]:
        """Their process ids."""
        return frozenset(process.pid for process in self._running.values())

    def spawn(self, commands: Mapping[str, Sequence[str | Path]], environment: Mapping[str, str] | None = None) -> None:
        """Start programs.

        Args:
            commands: Program and arguments, by the name that the log and messages have.
            environment: Their whole environment; this process's own if left out.
        """
        self._commands.update(commands)
        for name, command in commands.items():
            with self._log(name).open("ab") as log:
                self._running[name] = subprocess.Popen(  # noqa: S603 - the cluster's own programs
                    command,
                    cwd=self._directory,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=() if self._lock is None else (self._lock,),
                )

    def kill(self, name: str) -> None:
        """End one as a failing machine does; nobody misses it until it is started again."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def start_again(self, name: str) -> None:
        """Start a killed one as before, on what it left behind."""
        self.spawn({name: self._commands[name]})

    def watch(self) -> None:
        """See that every process is alive.

        Raises:
            StartError: One has ended; which, and its last words.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                words = self._last_words(name)
                kind = PortTakenError if "address already in use" in words else StartError
                raise kind(f"{name} ended with code {process.returncode}: {words}")

    def wait(self, until: str, met: Callable[[], object]) -> None:
        """Wait for a condition; one that cannot be asked yet is not met.

        Raises:
            StartError: A process ended, or it took too long.
        """
        deadline = time.monotonic() + READY_SECONDS
        while True:
            self.watch()
            with contextlib.suppress(OSError, urllib.error.URLError, ssl.SSLError):
                if met():
                    return
            if time.monotonic() > deadline:
                raise StartError(f"{READY_SECONDS:.0f} s were not enough until {until}")
            time.sleep(_POLL)

    def end(self) -> None:
        """End all. They are not asked: what they would save is thrown away."""
        for process in self._running.values():
            process.kill()
            process.wait()
        self._running.clear()

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _last_words(self, name: str) -> str:
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return "\n".join(lines[-5:])
