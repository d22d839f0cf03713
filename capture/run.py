"""tcpdump in the capturing pod, within bounds, and what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from adopt.connection import Connection, RefusedError
from adopt.streams import STDOUT, Exec
from capture.pcap import Packets
from capture.pod import CONTAINER, CapturePod, Told, refused
from sandbox.problem import SandboxError

_LOOK_SECONDS = 0.5
_NO_PROGRAM = ("executable file not found", "no such file or directory")


@dataclass(frozen=True)
class Bounds:
    """Where a capture ends.

    Attributes:
        count: packets.
        seconds: time.
        size: bytes of the file.
    """

    count: int
    seconds: int
    size: int


def checked(filter_: str) -> str:
    """A filter, as what follows `host ADDRESS`.

    Args:
        filter_: as in https://www.tcpdump.org/manpages/pcap-filter.7.html; may be empty.

    Raises:
        SandboxError: its parentheses do not match, so that it would take in the packets of other pods.
    """
    depth = 0
    for letter in filter_:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            break
    if depth:
        raise SandboxError(f"the parentheses of the filter do not match: {filter_}")
    return f" and ({filter_})" if filter_.strip() else ""


class Capture:
    """One run of tcpdump.

    Args:
        connection: to the cluster.
        pod: the capturing pod, which runs.
        wanted: the expression.
        bounds: where it ends.

    Attributes:
        packets: how much there was.
        ended: why it ended.
    """

    def __init__(self, connection: Connection, pod: CapturePod, wanted: str, bounds: Bounds) -> None:
        self._connection, self._pod, self._wanted, self._bounds = connection, pod, wanted, bounds
        self.packets = Packets()
        self.ended = ""
        self._words = b""

    def pieces(self, told: Told) -> Iterator[bytes]:
        """The bytes of the capture, in whole packets.

        Args:
            told: is told how much there is.

        Raises:
            SandboxError: tcpdump fails.
            ClusterError: the API server refuses it, or does not answer.
        """
        running = self._begin()
        end = monotonic() + self._bounds.seconds
        try:
            while running.outcome is None:
                if monotonic() > end:
                    self.ended = f"{self._bounds.seconds} s are over"
                    return
                piece = running.receive(_LOOK_SECONDS)
                if piece is None:
                    continue
                if piece[0] != STDOUT:
                    self._words += piece[1]
                    continue
                if self.packets.size + len(piece[1]) > self._bounds.size:
                    self.ended = f"{self._bounds.size} bytes are there"
                    return
                yield self.packets.whole(piece[1])
                told(f"{self.packets.count} packets, {self.packets.size} bytes")
        finally:
            running.close()
        self._judge(running)

    def _begin(self) -> Exec:
        command = ["tcpdump", "-i", "any", "-n", "-U", "-c", str(self._bounds.count), "-w", "-", self._wanted]
        try:
            return Exec(self._connection, self._pod.path, CONTAINER, command)
        except RefusedError as error:
            raise refused("tcpdump cannot be run", error, "get and create", "pods/exec") from None

    def _judge(self, running: Exec) -> None:
        outcome = running.outcome
        if outcome is not None and outcome.code == 0:
            self.ended = f"{self._bounds.count} packets are there"
            return
        said = outcome.said if outcome and outcome.said else self._words.decode(errors="replace").strip()
        if any(each in said for each in _NO_PROGRAM):
            said = "the image of debug.packetCapture has no tcpdump"
        raise SandboxError(f"tcpdump failed: {said.splitlines()[-1] if said else 'it was ended'}")
