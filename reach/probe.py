"""One run of curl in a pod: how it is called, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reach.destination import TCP_ONLY, Destination
from sandbox.problem import SandboxError

CONNECT_SECONDS, ANSWER_SECONDS = 5, 15
"""How long curl waits for a connection, and for all of it."""
_MARK = "reached"
_FORMAT = (
    f"\n{_MARK} %{{http_code}} %{{time_namelookup}} %{{time_connect}} %{{time_appconnect}} %{{time_starttransfer}}"
    " %{remote_ip}\n"
)
_LAST = re.compile(rf"^{_MARK} (\d+) ([\d.,]+) ([\d.,]+) ([\d.,]+) ([\d.,]+) ?(\S*)$", re.MULTILINE)
_TRYING = re.compile(r"^\* +Trying (\S+?)\.\.\.", re.MULTILINE)
_ERROR = re.compile(r"^curl: \((\d+)\) (.*)$", re.MULTILINE)
_USAGE = (1, 2, 3, 4)
"""curl's codes for what it cannot even begin: https://curl.se/docs/manpage.html#EXIT"""


@dataclass(frozen=True)
class Answer:
    """What curl found.

    Attributes:
        code: its exit code.
        status: the HTTP status; 0 without one.
        addresses: where it tried to connect.
        connected: where it did; empty where it did not.
        looked_up: seconds from the beginning until the name was known; 0 where that was not reached, as for the next.
        connect: until there was a connection.
        secured: until TLS was agreed on.
        answered: until the answer began.
        words: what it says of an error.
        refused: whether a connection was refused, of which newer versions only tell beside their error.
    """

    code: int
    status: int
    addresses: tuple[str, ...]
    connected: str
    looked_up: float
    connect: float
    secured: float
    answered: float
    words: str
    refused: bool = False


def command(destination: Destination) -> list[str]:
    """Program and arguments.

    Without the image's own settings and proxies: a JVM heeds neither. The format has only what curl 7.29 knows.
    """
    seconds = CONNECT_SECONDS if destination.scheme == TCP_ONLY else ANSWER_SECONDS
    return [
        *("curl", "-q", "--silent", "--show-error", "--verbose", "--globoff", "--noproxy", "*"),
        *("--connect-timeout", str(CONNECT_SECONDS), "--max-time", str(seconds)),
        *("--output", "/dev/null", "--write-out", _FORMAT, destination.url),
    ]


def answer(code: int, text: str, port: int) -> Answer:
    """What curl found, by its exit code and all that it wrote.

    Args:
        code: the exit code.
        text: standard output and standard error, in any order.
        port: that was asked.

    Raises:
        SandboxError: it could not ask.
    """
    errors = _ERROR.findall(text)
    words = errors[-1][1].strip() if errors else ""
    found = _LAST.search(text)
    if found is None or code in _USAGE:
        last = words or (text.strip().splitlines() or ["nothing"])[-1]
        raise SandboxError(f"curl in the pod could not ask; its exit code is {code}, and it says: {last}")
    status, *times, connected = found.groups()
    looked_up, connect, secured, answered = (float(each.replace(",", ".")) for each in times)
    tried = (each.removesuffix(f":{port}").strip("[]") for each in _TRYING.findall(text))
    addresses = tuple(dict.fromkeys((*tried, *([connected] if connected else []))))
    refused = not connected and "Connection refused" in text
    return Answer(code, int(status), addresses, connected, looked_up, connect, secured, answered, words, refused)
