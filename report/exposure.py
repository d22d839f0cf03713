"""Who can reach something: hosts and paths on listeners, listeners of the ALB, EIPs, ports of nodes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.manifests.ingress import PREFIX
from components.manifests.pod import WITH_EIP
from report.steps import Step

_OPEN = ("LoadBalancer", "NodePort")


@dataclass(frozen=True)
class Exposure:
    """One thing that can be reached from now on, or no longer."""

    what: str
    """In words: ``new host admin.uat.example.com on HTTPS/443``."""
    public: bool = False
    """Whether somebody outside the cluster may reach what they could not before."""
    gone: bool = False
    """Whether those who reach it now no longer will."""


@dataclass(frozen=True)
class _Door:
    """What an Ingress opens: a host's path on a listener."""

    host: str
    path: str
    listener: str


def is_intranet(steps: Iterable[Step]) -> bool:
    """Whether the stack's ALB has no public address, as far as the preview says."""
    types = {step.inputs.get("addressType") for step in steps if step.kind == "LoadBalancer"}
    return types == {"Intranet"}


def exposures(step: Step, *, intranet: bool) -> Iterator[Exposure]:
    """What a step opens and closes.

    Args:
        step: the step.
        intranet: whether the ALB has no public address.
    """
    if step.kind == "Ingress":
        yield from _ingress(step, intranet=intranet)
    elif step.kind == "AlbConfig":
        yield from _alb_config(step, intranet=intranet)
    elif step.kind == "Deployment":
        old, new = _has_eip(step.old), _has_eip(step.new)
        if new and not old:
            yield Exposure("each pod gets an EIP, a public address of its own", public=True)
        elif old and not new:
            yield Exposure("pods lose their EIP" if step.new else "EIPs go with the pods", gone=bool(step.new))
    elif step.kind == "LoadBalancer" and step.old and step.new:
        if (step.old.get("addressType"), step.new.get("addressType")) == ("Intranet", "Internet"):
            yield Exposure("the ALB gets a public address", public=True)
    elif step.kind == "Service":
        yield from _service(step)


def _ingress(step: Step, *, intranet: bool) -> Iterator[Exposure]:
    old, new = _doors(step.old), _doors(step.new)
    public = not intranet
    hosts_before, hosts_after = {door.host for door in old}, {door.host for door in new}
    for host in sorted(hosts_after - hosts_before):
        listeners = sorted({door.listener for door in new if door.host == host}, key=_port)
        yield Exposure(f"new host {host} on {', '.join(listeners)}", public=public)
    for host in sorted(hosts_before - hosts_after):
        yield Exposure(f"host {host} is no longer served", gone=True)
    for host in sorted(hosts_before & hosts_after):
        before, after = ({door for door in doors if door.host == host} for doors in (old, new))
        for what in ("listener", "path"):
            was, will = ({getattr(door, what) for door in doors} for doors in (before, after))
            for each in sorted(will - was):
                yield Exposure(f"new {what} {each} of {host}", public=public)
            for each in sorted(was - will):
                yield Exposure(f"{host} is no longer served on {what} {each}", gone=True)
        if _is_plain(step.new) and not _is_plain(step.old):
            yield Exposure(f"HTTPS lost: {host} is answered over HTTP without a redirect", public=public)


def _alb_config(step: Step, *, intranet: bool) -> Iterator[Exposure]:
    before, after = _listeners(step.old), _listeners(step.new)
    for key in after:
        if key not in before:
            yield Exposure(f"new ALB listener {key}", public=not intranet)
        elif before[key] != after[key]:
            yield Exposure(f"certificates of {key}: {_listed(before[key])} → {_listed(after[key])}")
    for key in before:
        if key not in after:
            yield Exposure(f"ALB listener {key} goes", gone=True)


def _service(step: Step) -> Iterator[Exposure]:
    old, new = ((inputs.get("spec") or {}).get("type") for inputs in (step.old, step.new))
    if new in _OPEN and new != old:
        yield Exposure(f"Service {step.name} becomes a {new}", public=True)


def _doors(inputs: Mapping[str, Any]) -> set[_Door]:
    spec = inputs.get("spec") or {}
    listeners = _listen_ports(inputs) or ["HTTPS/443" if spec.get("tls") else "HTTP/80"]
    return {
        _Door(str(rule.get("host") or "every host"), str(path.get("path") or "/"), listener)
        for rule in spec.get("rules") or ()
        for path in (rule.get("http") or {}).get("paths") or ()
        for listener in listeners
    }


def _listen_ports(inputs: Mapping[str, Any]) -> list[str]:
    try:
        stated = json.loads(_annotations(inputs).get(f"{PREFIX}listen-ports") or "[]")
        return [f"{protocol}/{port}" for each in stated for protocol, port in each.items()]
    except (ValueError, AttributeError, TypeError):
        return []


def _is_plain(inputs: Mapping[str, Any]) -> bool:
    """Whether an Ingress answers over HTTP without sending people to HTTPS."""
    redirects = _annotations(inputs).get(f"{PREFIX}ssl-redirect") == "true"
    return not redirects and any(door.listener.startswith("HTTP/") for door in _doors(inputs))


def _listeners(inputs: Mapping[str, Any]) -> dict[str, list[str]]:
    """The certificates of each listener by protocol and port."""
    return {
        f"{each.get('protocol')}/{_shown_port(each.get('port'))}": [
            str(certificate.get("CertificateId")) for certificate in each.get("certificates") or ()
        ]
        for each in (inputs.get("spec") or {}).get("listeners") or ()
    }


def _shown_port(port: object) -> str:
    """A port as a whole number, whichever number the engine wrote."""
    return str(int(port)) if isinstance(port, float) else str(port)


def _has_eip(inputs: Mapping[str, Any]) -> bool:
    template = ((inputs.get("spec") or {}).get("template")) or {}
    return _annotations(template).get(WITH_EIP) == "true"


def _annotations(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return (inputs.get("metadata") or {}).get("annotations") or {}


def _listed(certificates: list[str]) -> str:
    return ", ".join(certificates) or "none"


def _port(listener: str) -> tuple[int, str]:
    port = listener.rpartition("/")[2]
    return (int(port) if port.isdigit() else 0, listener)
