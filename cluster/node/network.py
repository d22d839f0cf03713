"""The addresses of a node, and the one link between its network namespace and this machine.

All a node does to the network happens in a namespace of its own. This machine gets one end of a virtual cable and one
route over it, and both go with the namespace.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.node.command import CommandError, run

_RANGE = ipaddress.IPv4Network("10.192.0.0/10")
_PREFIX = 22
_ATTEMPTS = 20


class NoFreeNetworkError(Exception):
    """No block of addresses is free."""


@dataclass(frozen=True)
class Network:
    """A block of 1024 addresses.

    Attributes:
        block: The block: one route of this machine leads there.
    """

    block: str

    @property
    def pods(self) -> str:
        """The pods' addresses."""
        return str(self._quarter(0))

    @property
    def services(self) -> str:
        """The Services' addresses."""
        return str(self._quarter(1))

    @property
    def host(self) -> str:
        """This machine's address on the link: servers that listen there are reached by pods, and by nobody else."""
        return str(self._quarter(2)[1])

    @property
    def node(self) -> str:
        """The node's address on the link: its InternalIP."""
        return str(self._quarter(2)[2])

    def _quarter(self, index: int) -> ipaddress.IPv4Network:
        return list(ipaddress.IPv4Network(self.block).subnets(new_prefix=24))[index]


def connect(link: str, process: int) -> Network:
    """Lay the cable to a process's network namespace, where its end is called `host` and has no address yet.

    Args:
        link: Name of this machine's end.
        process: A process in the namespace.

    Raises:
        NoFreeNetworkError: Every block that was tried overlaps with an address or route of this machine.
    """
    _ip("link", "add", link, "type", "veth", "peer", "name", "host", "netns", str(process))
    for _ in range(_ATTEMPTS):
        network = Network(_pick())
        _ip("address", "add", f"{network.host}/30", "dev", link)
        _ip("link", "set", link, "up")
        try:
            _ip("route", "add", network.block, "via", network.node, "dev", link)
        except CommandError:  # another node took the block between choice and use
            _ip("address", "flush", "dev", link)
        else:
            return network
    raise NoFreeNetworkError(f"no free /{_PREFIX} in {_RANGE}")


def disconnect(link: str) -> None:
    """Remove this machine's end, if it is still there; the route goes with it."""
    with contextlib.suppress(CommandError):
        _ip("link", "delete", link)


def enter(network: Network) -> None:
    """Inside the namespace: addresses, and forwarding between pods and the link. There is no way to anywhere else."""
    _ip("link", "set", "lo", "up")
    _ip("address", "add", f"{network.node}/30", "dev", "host")
    _ip("link", "set", "host", "up")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="utf-8")


def _pick() -> str:
    taken = list(_taken())
    blocks = 1 << (_PREFIX - _RANGE.prefixlen)
    for _ in range(_ATTEMPTS):
        offset = secrets.randbelow(blocks) << (32 - _PREFIX)
        block = ipaddress.IPv4Network((int(_RANGE.network_address) + offset, _PREFIX))
        if not any(block.overlaps(each) for each in taken):
            return str(block)
    raise NoFreeNetworkError(f"every /{_PREFIX} of {_RANGE} that was tried overlaps with a route or an address")


def _taken() -> Iterator[ipaddress.IPv4Network]:
    for route in json.loads(_ip("-json", "-4", "route", "show", "table", "all")):
        if route["dst"] != "default":
            yield ipaddress.IPv4Network(route["dst"], strict=False)


def _ip(*arguments: str) -> str:
    return run("ip", *arguments)
