"""What is said to Arthas, and what it answers, over the streams of its container."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adopt.streams import STDERR, STDOUT, Attached
from debugger.session import Told
from sandbox.problem import SandboxError

if TYPE_CHECKING:
    from debugger.terminal import Terminal

_READY = "ready"
_LOOK_SECONDS = 0.5
_PROMPT = re.compile(r"^\[arthas(?:@\d*\]?\$? ?)?", re.MULTILINE)
"""What Arthas says before each command; its client may end in the middle of the last one."""


class Conversation:
    """With the container's script on its standard error, and with Arthas on the others.

    Args:
        streams: the container's.
    """

    def __init__(self, streams: Attached) -> None:
        self._streams = streams
        self._early = b""
        self._words = b""

    @property
    def reason(self) -> str:
        """What the script said last; empty where that was no reason."""
        last = (self._said() or [""])[-1]
        return "" if last == _READY else last

    def begin(self, told: Told) -> bool:
        """Wait until Arthas listens; false where the container ends instead.

        Args:
            told: is told what the script does.

        Raises:
            ClusterError: the API server does not answer any more.
        """
        columns, rows = shutil.get_terminal_size()
        self._streams.send(f"{columns} {rows}\n".encode())
        while _READY not in self._said():
            if self._streams.outcome is not None:
                return False
            self._early += self._take()
            told(self.reason or "Looking at the JVM")
        return True

    def answers(self, commands: Sequence[str]) -> list[str]:
        """What Arthas said to each command.

        Args:
            commands: what it was given.

        Raises:
            SandboxError: it ended before the last.
            ClusterError: the API server does not answer any more.
        """
        output = self._early
        while self._streams.outcome is None:
            output += self._take()
        said = [_without_echo(each) for each in _PROMPT.split(output.decode(errors="replace").replace("\r", ""))[1:]]
        if len(said) <= len(commands):  # the prompt after the last answer is missing
            raise SandboxError(f"Arthas ended before it had answered `{commands[max(len(said) - 1, 0)]}`")
        return said[: len(commands)]

    def talk(self, terminal: Terminal) -> None:
        """Lead the terminal to Arthas, until either ends.

        Args:
            terminal: this one.

        Raises:
            ClusterError: the API server does not answer any more.
        """
        terminal.write(self._early)
        while self._streams.outcome is None:
            came, typed = self._streams.has_news(terminal.keys, _LOOK_SECONDS)
            if came:
                terminal.write(self._take())
            if typed:
                keys = terminal.read()
                if not keys:
                    return
                self._streams.send(keys)

    def end(self) -> None:
        """End it: the container's standard input ends."""
        self._streams.close()

    def _take(self) -> bytes:
        """What Arthas said, and nothing where the script did, or nobody."""
        channel, data = self._streams.receive(_LOOK_SECONDS) or (STDOUT, b"")
        if channel == STDERR:
            self._words += data
            return b""
        return data

    def _said(self) -> list[str]:
        """The lines that the script wrote to their end."""
        return self._words.decode(errors="replace").split("\n")[:-1]


def _without_echo(said: str) -> str:
    """What follows the line of the command, which Arthas repeats."""
    return said.partition("\n")[2].strip("\n")
