"""Lines of a container's log, cut out of what the API server sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 16384
"""Bytes of a line; what is longer goes on in further lines. container runtimes cut there too:
https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md"""
_HARMFUL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-ln-~]"  # moves, erases, changes modes: every CSI but SGR, whose last letter is m
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links, the clipboard
    r"|\x1b(?!\[[0-9;]*m)"
    r"|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]"
)
"""What a line would do to a terminal beside colours: https://ecma-international.org/publications-and-standards/standards/ecma-48/"""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """A line that a container wrote."""

    pod: str
    """The pod's name."""
    time: str
    """When, as RFC 3339 in nanoseconds; empty for what the node says in place of a log."""
    text: str
    """What, without its line end."""

    @property
    def moment(self) -> datetime:
        """The time to sort by."""
        return datetime.fromisoformat(self.time) if self.time else _BEGINNING


def harmless(text: str) -> str:
    """A line for a terminal: with its colours, and without what else it would do there."""
    return _HARMFUL.sub("", text)


def lines_of(pod: str, pieces: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a pod's log, each of which begins with its time.

    Args:
        pod: the pod's name.
        pieces: the answer to a request with `timestamps`.
    """
    time = ""
    for raw, begins in _split(pieces):
        text = raw.decode(errors="replace")
        if begins:
            stamp, space, rest = text.partition(" ")
            if space and _is_time(stamp):
                time, text = stamp, rest
        yield Line(pod, time, text)


def _split(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Lines without their ends, and whether each is one's beginning."""
    rest, begins = b"", True
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            for start in range(0, len(line) or 1, LONGEST):
                yield line[start : start + LONGEST].removesuffix(b"\r"), begins and start == 0
            begins = True
        while len(rest) > LONGEST:
            yield rest[:LONGEST], begins
            rest, begins = rest[LONGEST:], False
    if rest:
        yield rest, begins


def _is_time(word: str) -> bool:
    try:
        return datetime.fromisoformat(word).tzinfo is not None
    except ValueError:
        return False
