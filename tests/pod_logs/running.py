"""A command that goes on until it is interrupted, as a person runs it in a terminal or a script in a pipe."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.node.pods import eventually
from tests.settings import ROOT

_LOOKED_AT = 1 << 20


class Running:
    """A running `ackp`.

    Args:
        arguments: What stands after `ackp`.
        folder: Where its output is kept.
        first: Python that its process runs before.
    """

    def __init__(self, arguments: tuple[str | Path, ...], folder: Path, first: str = "") -> None:
        self._out, self._err = folder / "out", folder / "err"
        command = [sys.executable, "-c", _program(first), *arguments]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def out(self) -> list[str]:
        """The lines of its standard output so far."""
        return self._out.read_text(encoding="utf-8").splitlines()

    @property
    def out_bytes(self) -> int:
        """The length of its standard output so far."""
        return self._out.stat().st_size

    @property
    def err(self) -> list[str]:
        """The lines of its standard error so far."""
        return self._err.read_text(encoding="utf-8").splitlines()

    def until(self, text: str, seconds: float = 120) -> None:
        """Wait until it has said something, on either of both; of much, the last."""

        def said() -> bool:
            found = text in _end_of(self._out) or text in _end_of(self._err)
            assert found or self.process.poll() is None, (_end_of(self._out)[-1000:], self.err)
            return found

        eventually(said, seconds)

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def most_memory(self) -> int:
        """The most bytes that it has held so far; it runs."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def most_memory_until_its_end(self) -> int:
        """The most bytes that it held, looked at many times a second."""
        most = 0
        while self.process.poll() is None:
            with contextlib.suppress(FileNotFoundError, IndexError):  # it ends just now
                most = max(most, self.most_memory())
            time.sleep(0.02)
        return most


def _program(first: str) -> str:
    """Python that runs `ackp`, after something else."""
    return f"{first}\nfrom cli.app import main; main()"


def _end_of(file: Path) -> str:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - _LOOKED_AT))
        return opened.read().decode(errors="replace")


@contextmanager
def running(folder: Path, *arguments: str | Path, first: str = "") -> Iterator[Running]:
    """Run `ackp` while the block runs."""
    found = Running(arguments, folder, first)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()


class Terminal:
    """A running `ackp` on a terminal of its own.

    Args:
        arguments: What stands after `ackp`.
        first: Python that its process runs before.

    Attributes:
        shown: What the terminal was sent so far.
        modes: The terminal's modes before.
    """

    def __init__(self, arguments: tuple[str | Path, ...], first: str = "") -> None:
        self._end, inner = pty.openpty()
        self._inner = inner
        self.modes = termios.tcgetattr(inner)
        self.shown = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _program(first), *arguments],
            cwd=ROOT,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", "LINES": "50"},
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - no thread of pytest's holds a lock that it needs
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, text: str, seconds: float = 60) -> None:
        """Wait until it has shown something."""
        try:
            eventually(lambda: text in self.shown, seconds)
        except AssertionError:
            raise AssertionError(repr(self.shown[-3000:])) from None

    def type(self, keys: str) -> None:
        """Type something."""
        os.write(self._end, keys.encode())

    def ended(self, seconds: float = 30) -> int:
        """The exit code, once it has ended."""
        return self._process.wait(seconds)

    def interrupt(self) -> int:
        """Type Ctrl-C; returns the exit code."""
        self.type("\x03")
        return self.ended()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()

    def close(self) -> list[object]:
        """End it; returns the terminal's modes after it."""
        self._process.kill()
        self._process.wait()
        after: list[object] = termios.tcgetattr(self._inner)
        os.close(self._inner)
        self._reader.join(10)
        os.close(self._end)
        return after

    def _read(self) -> None:
        try:
            while piece := os.read(self._end, 65536):
                self.shown += piece.decode(errors="replace")
        except OSError:  # nobody holds the terminal any more
            return


def _take_terminal() -> None:
    import fcntl  # noqa: PLC0415 - in the child

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
