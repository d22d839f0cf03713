"""How the sandbox says what it is doing: lasting lines, and one live line for whatever takes time right now."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO

QUIET_SECONDS = 10.0
"""Between two lines of the same wait, when the reader is a file and not a person."""


class Progress(Protocol):
    """Where progress goes. Both methods are called from one thread."""

    def line(self, text: str) -> None:
        """Say something that stays: a step began, ended or was passed over."""

    def live(self, text: str) -> None:
        """Say what happens right now; the next call replaces it."""


class Lines:
    """Progress for a pipe or a log file: lasting lines at once, live text every ten seconds.

    Args:
        stream: Where to write; the standard error stream if left out.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._last = time.monotonic()

    def line(self, text: str) -> None:
        """Write the line."""
        self._last = time.monotonic()
        print(text, file=self._stream, flush=True)

    def live(self, text: str) -> None:
        """Write the text, unless something was written a moment ago."""
        if time.monotonic() - self._last >= QUIET_SECONDS:
            self.line(text)
