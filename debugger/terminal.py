"""The terminal of whoever types, byte by byte."""

from __future__ import annotations

import os
import sys
import termios
from types import TracebackType
from typing import Self

LEAVE = b"\x1d"
"""Ctrl-], as of telnet, which ends what does not answer any more."""
_PIECE = 1024


class Terminal:
    """Each key is passed on as it is pressed, Ctrl-C too; the terminal is as it was when the block ends.

    Attributes:
        keys: the file descriptor of what is typed.
    """

    def __init__(self) -> None:
        self.keys = sys.stdin.fileno()
        self._before = termios.tcgetattr(self.keys)

    def __enter__(self) -> Self:
        changed = termios.tcgetattr(self.keys)
        changed[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INPCK | termios.ISTRIP | termios.IXON)
        changed[1] &= ~termios.OPOST
        changed[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        termios.tcsetattr(self.keys, termios.TCSAFLUSH, changed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        termios.tcsetattr(self.keys, termios.TCSAFLUSH, self._before)

    def read(self) -> bytes:
        """What was typed; empty once nobody types any more, or wants to leave."""
        try:
            typed = os.read(self.keys, _PIECE)
        except OSError:  # the window was closed
            return b""
        return b"" if LEAVE in typed else typed

    @staticmethod
    def write(data: bytes) -> None:
        """Show what came."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def is_terminal() -> bool:
    """Whether somebody types and looks."""
    return sys.stdin.isatty() and sys.stdout.isatty()
