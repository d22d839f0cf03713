"""All Ingresses together: the forwarding rules that they make on the one ALB."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.checks.table import table
from config.errors import Problem
from config.exposure import Ingress
from config.stack import StackSettings

FEWER = (
    "fewer hosts, paths or listeners, or another ALB, or rules: {} once Quota Center raised"
    " alb_quota_loadbalancer_rules_num_standard_edition"
)
"""What to do about too many rules."""


@dataclass(frozen=True)
class _Rule:
    service: str
    index: int
    host: str
    path: str
    listener: str
    canary: bool

    @property
    def place(self) -> str:
        return f"services.{self.service}.ingress.paths[{self.index}]"


def check(settings: StackSettings) -> Iterator[Problem]:
    """Two services for one request, a canary of nothing, one order twice, more rules than an ALB holds."""
    ingresses = _ingresses(settings)
    rules = _rules(settings, ingresses)
    yield from _twice([rule for rule in rules if not rule.canary], "another service's")
    yield from _twice([rule for rule in rules if rule.canary], "another canary's")
    served = {(rule.host, rule.path, rule.listener) for rule in rules if not rule.canary}
    for rule in rules:
        if rule.canary and (rule.host, rule.path, rule.listener) not in served:
            reason = f"must be served by another service too: a canary of nothing is skipped ({rule.listener})"
            mend = f"a service without canary on {rule.host}{rule.path}, or no canary here"
            yield Problem(rule.place, reason, mend, f"{rule.host}{rule.path}")
    yield from _orders(ingresses)
    yield from _quota(settings, ingresses, _counted(ingresses, rules))


def forwarding_rules(settings: StackSettings) -> dict[str, int]:
    """The forwarding rules of each service's Ingress: one for each host, path and listener, and its redirects."""
    ingresses = _ingresses(settings)
    return _counted(ingresses, _rules(settings, ingresses))


def _ingresses(settings: StackSettings) -> dict[str, Ingress]:
    return {name: each.ingress for name, each in settings.services.items() if each.ingress is not None}


def _rules(settings: StackSettings, ingresses: Mapping[str, Ingress]) -> list[_Rule]:
    return [
        _Rule(name, index, host, path.path, listener.key, ingress.canary is not None)
        for name, ingress in ingresses.items()
        if (host := settings.host(name)) is not None
        for index, path in enumerate(ingress.paths)
        for listener in ingress.listeners
    ]


def _counted(ingresses: Mapping[str, Ingress], rules: Sequence[_Rule]) -> dict[str, int]:
    counted = Counter(rule.service for rule in rules)
    return {name: counted[name] + _redirects(ingress) for name, ingress in ingresses.items()}


def _redirects(ingress: Ingress) -> int:
    return len(ingress.paths) if ingress.redirect_to_https else 0


def _quota(settings: StackSettings, ingresses: Mapping[str, Ingress], counted: Mapping[str, int]) -> Iterator[Problem]:
    needed, most = sum(counted.values()), settings.alb.quotas.rules
    if needed <= most:
        return
    notes = {
        name: f"{settings.host(name)}: {len(ingress.paths)} paths on {len(ingress.listeners)} listeners"
        + (f", {_redirects(ingress)} redirects" if ingress.redirect_to_https else "")
        for name, ingress in ingresses.items()
    }
    rule = f"must hold a forwarding rule for each host, path and listener:{table(counted, notes=notes)}"
    yield Problem("alb.quotas.rules", rule, FEWER.format(needed), most)


def _twice(rules: list[_Rule], whose: str) -> Iterator[Problem]:
    first: dict[tuple[str, str, str], _Rule] = {}
    for rule in rules:
        owner = first.setdefault((rule.host, rule.path, rule.listener), rule)
        if owner.place != rule.place:
            reason = f"must not be {whose}: {owner.place} has {rule.host}{rule.path} on {rule.listener}"
            yield Problem(rule.place, reason, "another host or path, or canary on one of them", rule.host + rule.path)


def _orders(ingresses: dict[str, Ingress]) -> Iterator[Problem]:
    first: dict[int, str] = {}
    for name, ingress in ingresses.items():
        if ingress.order is not None and first.setdefault(ingress.order, name) != name:
            reason = f"must not be the order of {first[ingress.order]}: which of the two is first is not defined"
            yield Problem(f"services.{name}.ingress.order", reason, "another number", ingress.order)
