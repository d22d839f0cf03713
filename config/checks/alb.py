"""The Application Load Balancer and its listeners."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from config.alb import AlbByIngressClass, Listener, OwnedAlb
from config.checks.table import table
from config.errors import Problem, did_you_mean
from config.exposure import TlsSecret
from config.stack import StackSettings

_TLS_POLICIES = (
    "tls_cipher_policy_1_0",
    "tls_cipher_policy_1_1",
    "tls_cipher_policy_1_2",
    "tls_cipher_policy_1_2_strict",
    "tls_cipher_policy_1_2_strict_with_1_3",
)
_FEWEST_ZONES = 2


def check(settings: StackSettings) -> Iterator[Problem]:
    """Too few zones, unknown vSwitches, listeners that exclude each other or have no certificate."""
    if isinstance(settings.alb, OwnedAlb):
        yield from _zones(settings, settings.alb)
    yield from _certificates(settings)
    for index, listener in enumerate(settings.alb.listeners):
        yield from _clash(settings.alb.listeners[:index], listener, index)
        yield from _listener(settings, listener, f"alb.listeners[{index}]")


def _certificates(settings: StackSettings) -> Iterator[Problem]:
    """Each listener's certificates beside its first, by id and from Secrets; those that are discovered are not known.

    Source: https://www.alibabacloud.com/help/en/cs/user-guide/alb-quota-calculation-method
    """
    secrets: dict[str, set[str]] = defaultdict(set)
    for service in settings.services.values():
        if service.ingress is not None and isinstance(service.ingress.tls, TlsSecret):
            for each in service.ingress.listeners:
                secrets[each.key].add(service.ingress.tls.secret_name)
    held = {each.key: len(each.certificates) + len(secrets[each.key]) for each in settings.alb.listeners}
    beside = {key: count - 1 for key, count in held.items() if count > 1}
    needed, most = sum(beside.values()), settings.alb.quotas.certificates
    if needed > most:
        rule = f"must hold the certificates beside the first of each listener, by id or from a Secret:{table(beside)}"
        name = "alb_quota_loadbalancer_certificates_num_standard_edition"
        fewer = "one certificate for several hosts (*.example.com)"
        mend = f"{fewer}, or certificates: {needed} once Quota Center raised {name}"
        yield Problem("alb.quotas.certificates", rule, mend, most)


def _zones(settings: StackSettings, alb: OwnedAlb) -> Iterator[Problem]:
    zone_of = {each.id: each.zone for each in settings.cluster.v_switches}
    for index, each in enumerate(alb.v_switches):
        if each not in zone_of:
            yield Problem(
                f"alb.vSwitches[{index}]", "must be a vSwitch of cluster.vSwitches", did_you_mean(each, zone_of), each
            )
    zones = [zone_of[each] for each in alb.v_switches if each in zone_of]
    twice = sorted(zone for zone, count in Counter(zones).items() if count > 1)
    if twice:
        rule = f"must name one vSwitch for each zone; {', '.join(twice)} has several"
        yield Problem("alb.vSwitches", rule, "keep one of each zone", ", ".join(alb.v_switches))
    if len(set(zones)) < _FEWEST_ZONES:
        others = sorted(id_ for id_, zone in zone_of.items() if zone not in zones)
        mend = f"add {others[0]}" if others else "add a vSwitch of another zone to cluster.vSwitches and here"
        rule = "must be in at least two zones: an ALB cannot be created in one"
        yield Problem("alb.vSwitches", rule, mend, ", ".join(alb.v_switches))
    if alb.bandwidth_package is not None and alb.address_type == "Intranet":
        rule = "must be left out with addressType Intranet: there is no Internet address to put into it"
        yield Problem("alb.bandwidthPackage", rule, "remove it, or addressType: Internet", alb.bandwidth_package)


def _clash(earlier: tuple[Listener, ...], listener: Listener, index: int) -> Iterator[Problem]:
    for each in earlier:
        if each.key == listener.key:
            yield Problem(f"alb.listeners[{index}]", "must not be there twice", "remove one", listener.key)
        elif each.port == listener.port and "HTTP" in (each.protocol, listener.protocol):
            rule = f"must not share port {each.port} with {each.key}: only HTTPS and QUIC may share one"
            yield Problem(f"alb.listeners[{index}].port", rule, "another port", listener.port)


def _listener(settings: StackSettings, listener: Listener, path: str) -> Iterator[Problem]:
    if listener.protocol == "HTTP":
        for key, name in (("certificates", "certificates"), ("tlsPolicy", "tls_policy")):
            if name in listener.model_fields_set and getattr(listener, name):
                rule = "must be left out with protocol HTTP, which has no TLS"
                yield Problem(f"{path}.{key}", rule, "remove it, or protocol: HTTPS", _text(getattr(listener, name)))
        return
    policy = listener.tls_policy
    if policy not in _TLS_POLICIES and not re.fullmatch(r"tls-[a-z0-9]+", policy):
        rule = f"must be one of {', '.join(_TLS_POLICIES)}, or the id of a policy of one's own (tls-…)"
        yield Problem(f"{path}.tlsPolicy", rule, did_you_mean(policy, _TLS_POLICIES), policy)
    suffix = "cn-hangzhou" if settings.cluster.region.startswith("cn-") else "ap-southeast-1"
    for index, each in enumerate(listener.certificates):
        if not each.endswith(suffix) and settings.cluster.region != "cn-hongkong":
            rule = f"must end with -{suffix}, where the certificates of {settings.cluster.region} are kept"
            yield Problem(f"{path}.certificates[{index}]", rule, "the id with that suffix", each)
        if each in listener.certificates[:index]:
            yield Problem(f"{path}.certificates[{index}]", "must not be there twice", "remove one", each)
    if not listener.certificates and not isinstance(settings.alb, AlbByIngressClass):
        users = [service.ingress for service in settings.services.values() if service.ingress]
        tls = [each.tls for each in users if listener.key in {ref.key for ref in each.listeners}]
        if not any(each is not None and each.source in ("secret", "discovery") for each in tls):
            rule = f"must name one: no Ingress on {listener.key} brings one from a Secret or by discovery"
            example = f"12345678-{suffix}"
            yield Problem(f"{path}.certificates", rule, f"for example [{example}]", _text(listener.certificates))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
