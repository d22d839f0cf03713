"""Certificates of Ingresses: each HTTPS host has one that covers it."""

from collections.abc import Iterator

from config.errors import Problem
from config.exposure import Ingress, TlsCertificate
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every Ingress on a TLS listener without a certificate, or with one for another name.

    What a certificate in Certificate Management is really for is looked up at preview (`components.certificates`); what
    is in a TLS Secret is compared with no host, neither here nor there.
    """
    for name, service in settings.services.items():
        if service.ingress is None:
            continue
        path, ingress = f"services.{name}.ingress", service.ingress
        encrypted = [each.key for each in ingress.listeners if each.protocol != "HTTP"]
        if encrypted and ingress.tls is None:
            host = settings.host(name) or "the host"
            mend = f"tls: {{source: certificate, id: …, covers: [{host}]}}, or source: secret, or source: discovery"
            yield Problem(f"{path}.tls", f"must be set with the listener {encrypted[0]}", mend)
        if not encrypted and ingress.tls is not None:
            rule = "must be left out without an HTTPS or QUIC listener: nothing would use it"
            mend = "remove it, or listeners: [{port: 443, protocol: HTTPS}]"
            yield Problem(f"{path}.tls", rule, mend, ingress.tls.source)
        if isinstance(ingress.tls, TlsCertificate):
            yield from _by_id(settings, name, ingress, ingress.tls)


def _by_id(settings: StackSettings, name: str, ingress: Ingress, tls: TlsCertificate) -> Iterator[Problem]:
    for index, listener in enumerate(settings.alb.listeners):
        wanted = any(each.key == listener.key for each in ingress.listeners)
        if wanted and listener.protocol != "HTTP" and tls.id not in listener.certificates:
            rule = f"must be among the certificates of the listener {listener.key}"
            listed = ", ".join((*listener.certificates, tls.id))
            yield Problem(
                f"services.{name}.ingress.tls.id", rule, f"alb.listeners[{index}].certificates: [{listed}]", tls.id
            )
    host = settings.host(name)
    if host is not None and not any(covers(pattern, host) for pattern in tls.covers):
        rule = f"must cover the host {host}; '*' stands for one label"
        mend = f"a certificate for *.{host.partition('.')[2]} or {host}"
        yield Problem(f"services.{name}.ingress.tls.covers", rule, mend, ", ".join(tls.covers))


def covers(pattern: str, host: str) -> bool:
    """Whether a certificate's name covers a host; ``*`` stands for exactly one label (RFC 6125, 6.4.3)."""
    if pattern.startswith("*."):
        first, _, rest = host.partition(".")
        return pattern == host or (first not in ("", "*") and rest == pattern[2:])
    return pattern == host
