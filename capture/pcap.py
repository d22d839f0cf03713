"""A stream of captured packets in the form of libpcap, cut between packets.

Source: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sandbox.problem import SandboxError

_FILE_HEADER, _PACKET_HEADER = 24, 16
_ORDERS: Mapping[bytes, Literal["little", "big"]] = {
    b"\xd4\xc3\xb2\xa1": "little",
    b"\x4d\x3c\xb2\xa1": "little",
    b"\xa1\xb2\xc3\xd4": "big",
    b"\xa1\xb2\x3c\x4d": "big",
}
"""The order of bytes, by the file's first four; the second and the fourth stand for nanoseconds."""
_LONGEST = 1 << 20
"""More than any packet; a length above it is none."""


class Packets:
    """Takes the stream in pieces of any size, and gives it back in whole packets.

    Attributes:
        count: packets so far.
        size: bytes so far, of the header and of whole packets.
    """

    def __init__(self) -> None:
        self.count = self.size = 0
        self._rest = b""
        self._order: Literal["little", "big"] | None = None

    def whole(self, piece: bytes) -> bytes:
        """What a piece completes: the file's header, and the packets after it.

        Raises:
            SandboxError: it is no such stream.
        """
        self._rest += piece
        end = 0
        if not self._order:
            if len(self._rest) < _FILE_HEADER:
                return b""
            self._order = _ORDERS.get(self._rest[:4])
            if not self._order:
                raise SandboxError(f"what tcpdump writes is no capture: it begins with {self._rest[:4].hex()}")
            end = _FILE_HEADER
        while len(self._rest) >= end + _PACKET_HEADER:
            length = int.from_bytes(self._rest[end + 8 : end + 12], self._order)
            if length > _LONGEST:
                raise SandboxError(f"what tcpdump writes is no capture: packet {self.count + 1} has {length} bytes")
            if len(self._rest) < end + _PACKET_HEADER + length:
                break
            end += _PACKET_HEADER + length
            self.count += 1
        found, self._rest = self._rest[:end], self._rest[end:]
        self.size += len(found)
        return found
