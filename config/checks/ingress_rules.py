"""All Ingresses together: the forwarding rules that they make on the one ALB."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.errors import Problem
from config.exposure import Ingress
from config.stack import StackSettings

MOST_RULES = 100
"""Forwarding rules of a standard ALB. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/product-overview/limits"""


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
    ingresses = {name: each.ingress for name, each in settings.services.items() if each.ingress is not None}
    rules = [rule for name, ingress in ingresses.items() for rule in _rules(settings, name, ingress)]
    yield from _twice([rule for rule in rules if not rule.canary], "another service's")
    yield from _twice([rule for rule in rules if rule.canary], "another canary's")
    served = {(rule.host, rule.path, rule.listener) for rule in rules if not rule.canary}
    for rule in rules:
        if rule.canary and (rule.host, rule.path, rule.listener) not in served:
            reason = f"must be served by another service too: a canary of nothing is skipped ({rule.listener})"
            mend = f"a service without canary on {rule.host}{rule.path}, or no canary here"
            yield Problem(rule.place, reason, mend, f"{rule.host}{rule.path}")
    yield from _orders(ingresses)
    count = count_rules(settings)
    if count > MOST_RULES:
        reason = (
            f"must make at most {MOST_RULES} forwarding rules, one for each host, path and listener; they make {count}"
        )
        mend = "fewer hosts, paths or listeners, or a second ALB for another stack"
        yield Problem("services", reason, mend, f"{len(ingresses)} Ingresses")


def count_rules(settings: StackSettings) -> int:
    """The forwarding rules that the stack's Ingresses make: one for each host, path and listener, and redirects."""
    ingresses = {name: each.ingress for name, each in settings.services.items() if each.ingress is not None}
    redirects = sum(len(each.paths) for each in ingresses.values() if each.redirect_to_https)
    return redirects + sum(1 for name, ingress in ingresses.items() for _ in _rules(settings, name, ingress))


def _rules(settings: StackSettings, name: str, ingress: Ingress) -> Iterator[_Rule]:
    host = settings.host(name)
    if host is None:
        return
    for index, path in enumerate(ingress.paths):
        for listener in ingress.listeners:
            yield _Rule(name, index, host, path.path, listener.key, ingress.canary is not None)


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
