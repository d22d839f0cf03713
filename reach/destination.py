"""What is to be reached: a service of the stack, a host or address with a port, or a URL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from adopt.connection import nearest
from components.manifests.objects import objects_of
from config import StackSettings
from sandbox.problem import SandboxError

Object = dict[str, Any]
TCP_ONLY = "telnet"
"""curl's scheme for a connection over which nothing is sent."""
_USUAL = {"http": 80, "https": 443}
_MOST = 65535


@dataclass(frozen=True)
class Destination:
    """What is asked.

    Attributes:
        scheme: `http`, `https`, or `TCP_ONLY`.
        host: a name or an address, IPv6 without brackets.
        port: the port.
        path: with its leading slash and its query; empty for `TCP_ONLY`.
        service: the service of the stack that it is; None for everything else.
        note: why this host, where that is not plain.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    service: str | None = None
    note: str = ""

    @property
    def url(self) -> str:
        """As curl is given it."""
        return f"{self.scheme}://{self.place}{self.path}"

    @property
    def place(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def named(self) -> bool:
        """Whether the host is a name, which DNS has to know."""
        try:
            ip_address(self.host)
        except ValueError:
            return True
        return False


def stated_service(settings: StackSettings, to: str) -> str | None:
    """The service of the stack that somebody means by `SERVICE` or `SERVICE:PORT`; None for everything else."""
    name = to.partition(":")[0]
    return name if name in settings.services and "://" not in to else None


def of_service(settings: StackSettings, service: str, to: str, pods: Iterable[Object]) -> Destination:
    """A service of the stack: its Service, or a pod of it where it has none, as callers find it through Nacos.

    Args:
        settings: the stack's settings.
        service: its name.
        to: as it is typed.
        pods: its live pods.

    Raises:
        SandboxError: the port is none, or there is neither a Service nor a pod with an address.
    """
    stated = settings.services[service]
    path = stated.probes.readiness_path if stated.probes.type == "http" and stated.probes.port is None else "/"
    asked = _port(to.partition(":")[2], to) if ":" in to else None
    placed = objects_of(settings, service)
    if "service" in placed:
        port = asked or int(placed["service"]["spec"]["ports"][0]["port"])
        return Destination("http", str(placed["service"]["metadata"]["name"]), port, path, service)
    addresses = {
        str(each["metadata"]["name"]): str(each["status"]["podIP"])
        for each in pods
        if (each.get("status") or {}).get("podIP")
    }
    if not addresses:
        raise SandboxError(f"{service} has neither a Service nor a pod with an address: `ackp watch` says why")
    pod = min(addresses)
    note = f"{service} has no Service: its pod {pod} is asked, as callers are told by Nacos"
    return Destination("http", addresses[pod], asked or stated.port, path, service, note)


def elsewhere(settings: StackSettings, to: str) -> Destination:
    """A URL, or a host or address with a port, where a connection is all that is tried.

    Raises:
        SandboxError: it is none of them.
    """
    try:
        parts = urlsplit(to if "://" in to else f"{TCP_ONLY}://{to}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SandboxError(f"{to} cannot be asked: {error}") from None
    if "@" in parts.netloc:
        raise SandboxError("a URL with a login in it is not asked: it would be seen in the list of processes")
    if not host or any(not letter.isprintable() or letter.isspace() for letter in to):
        raise SandboxError(f"{to!r} cannot be asked: it is neither a service, nor HOST:PORT, nor a URL")
    if parts.scheme == TCP_ONLY:
        return _host(settings, to, parts, host, port)
    if parts.scheme not in _USUAL:
        raise SandboxError(f"{to} cannot be asked: of URLs http:// and https:// can; of everything else HOST:PORT")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, _port(str(_USUAL[parts.scheme] if port is None else port), to), path)


def _host(settings: StackSettings, to: str, parts: SplitResult, host: str, port: int | None) -> Destination:
    if parts.path or parts.query or parts.fragment:
        raise SandboxError(f"{to} cannot be asked: put http:// or https:// before a path")
    if port is None:
        near = nearest(host, settings.services)
        raise SandboxError(
            f"{to} is no service of the stack {settings.stack}, {near} For a host say its port: {to}:443"
        )
    return Destination(TCP_ONLY, host, _port(str(port), to))


def _port(text: str, to: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST:
        raise SandboxError(f"{to} cannot be asked: {text or 'nothing'} is no port; one is a number from 1 to {_MOST}")
    return int(text)
