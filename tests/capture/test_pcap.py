"""A capture comes in pieces of any size, and ends anywhere: what is kept are whole packets."""

from __future__ import annotations

import random
import struct

import pytest

from capture.pcap import Packets
from capture.run import checked
from sandbox.problem import SandboxError

MAGICS = [("<", 0xA1B2C3D4), ("<", 0xA1B23C4D), (">", 0xA1B2C3D4), (">", 0xA1B23C4D)]


def stream(order: str, magic: int, lengths: list[int]) -> tuple[bytes, list[int]]:
    """A capture, and where its packets end."""
    found = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, 276)
    ends = []
    for number, length in enumerate(lengths):
        found += struct.pack(f"{order}IIII", number, 0, length, length + 7) + bytes([number % 256]) * length
        ends.append(len(found))
    return found, ends


@pytest.mark.parametrize(("order", "magic"), MAGICS)
def test_packets_are_whole_wherever_the_stream_is_cut(order: str, magic: int) -> None:
    made = random.Random(7)  # noqa: S311 - the same cuts in every run
    whole, ends = stream(order, magic, [made.choice((0, 1, 60, 1500)) for _ in range(40)])
    for cut in (*range(120), *ends, *(end - 1 for end in ends)):
        packets, kept, at = Packets(), b"", 0
        while at < cut:
            step = min(made.choice((1, 7, 24, 4096)), cut - at)
            kept += packets.whole(whole[at : at + step])
            at += step
        complete = [end for end in ends if end <= cut]
        assert kept == whole[: complete[-1] if complete else 24 if cut >= 24 else 0]
        assert (packets.count, packets.size) == (len(complete), len(kept))


def test_what_is_no_capture_is_refused() -> None:
    with pytest.raises(SandboxError, match="is no capture: it begins with 68656c6c"):
        Packets().whole(b"hello, this is no capture at all")
    broken = stream("<", 0xA1B2C3D4, [])[0] + struct.pack("<IIII", 0, 0, 1 << 30, 0)
    with pytest.raises(SandboxError, match=r"packet 1 has \d+ bytes"):
        Packets().whole(broken)


@pytest.mark.parametrize(
    ("filter_", "said"), [("", ""), ("  ", ""), ("port 80", " and (port 80)"), ("(tcp)", " and ((tcp))")]
)
def test_a_filter_chooses_among_the_pods_own_packets(filter_: str, said: str) -> None:
    assert checked(filter_) == said


@pytest.mark.parametrize("filter_", ["tcp) or (udp", "(tcp", "tcp)"])
def test_a_filter_that_would_reach_out_of_the_pod_is_refused(filter_: str) -> None:
    with pytest.raises(SandboxError, match="the parentheses of the filter do not match"):
        checked(filter_)
