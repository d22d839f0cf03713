"""The ALB controller's annotations that have no typed setting: known keys, allowed values.

A value that the ALB refuses stops the synchronisation of all Ingresses of its AlbConfig.
Source: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from config.errors import Problem, did_you_mean
from config.exposure import Ingress
from config.files import show_path
from config.stack import StackSettings

PREFIX = "alb.ingress.kubernetes.io/"
_NGINX = "nginx.ingress.kubernetes.io/"
_Rule = tuple[Callable[[str], bool], str, str]
"""Whether a value is allowed, the rule in words, and a value that is."""


def _matches(pattern: str, rule: str, example: str) -> _Rule:
    return lambda value: re.fullmatch(pattern, value) is not None, rule, example


def _between(low: int, high: int) -> _Rule:
    return (
        lambda value: re.fullmatch(r"-?\d{1,9}", value) is not None and low <= int(value) <= high,
        f"must be a whole number from {low} to {high}, in quotes",
        str(high),
    )


_SWITCH = _matches("true|false", 'must be "true" or "false", in quotes', "true")


def _text(example: str) -> _Rule:
    return _matches(r".+", "must not be empty", example)


_NUMBERS = r"http_[1-5]xx|[1-5]\d\d(?:-[1-5]\d\d)?"

TYPED = {
    "listen-ports": "listeners",
    "ssl-redirect": "redirectToHttps",
    "backend-protocol": "backendProtocol",
    "order": "order",
    "albconfig.order": "order",
    "albconfig-order": "order",
    "sticky-session": "stickySession",
    "sticky-session-type": "stickySession.type",
    "cookie-timeout": "stickySession.timeoutSeconds",
    "cookie": "stickySession.cookie",
    "connection-drain-enabled": "drainSeconds",
    "connection-drain-timeout": "drainSeconds",
    "slow-start-enabled": "slowStartSeconds",
    "slow-start-duration": "slowStartSeconds",
    "canary": "canary",
    "canary-weight": "canary: {by: weight, weight: …}",
    "canary-by-header": "canary: {by: header, header: …}",
    "canary-by-header-value": "canary: {by: header, value: …}",
    "healthcheck-enabled": "healthCheck",
    "healthcheck-protocol": "healthCheck.protocol",
    "healthcheck-path": "healthCheck.path",
    "healthcheck-method": "healthCheck.method",
    "healthcheck-httpcode": "healthCheck.codes",
    "healthcheck-interval-seconds": "healthCheck.intervalSeconds",
    "healthcheck-timeout-seconds": "healthCheck.timeoutSeconds",
    "healthy-threshold-count": "healthCheck.healthyThreshold",
    "unhealthy-threshold-count": "healthCheck.unhealthyThreshold",
}
"""Annotations that a typed setting writes, and the setting."""

_ALLOWED: dict[str, _Rule] = {
    "use-regex": _SWITCH,
    "rewrite-target": _matches(r"/.*", "must start with '/'", "/${1}"),
    "canary-by-cookie": _text("canary"),
    "backend-scheduler": _matches("wrr|wlc|sch|uch", "must be one of wrr, wlc, sch, uch", "wrr"),
    "backend-scheduler-uch-value": _text("user"),
    "backend-keepalive": _SWITCH,
    "enable-cors": _SWITCH,
    "cors-allow-origin": _text("https://www.example.com"),
    "cors-allow-methods": _matches(
        r"(?:\*|[A-Z]+)(?:, ?[A-Z]+)*", "must be methods in upper case with commas", "GET, POST"
    ),
    "cors-allow-headers": _text("X-Request-Id"),
    "cors-expose-headers": _text("X-Request-Id"),
    "cors-allow-credentials": _SWITCH,
    "cors-max-age": _between(-1, 172800),
    "traffic-limit-qps": _between(1, 100000),
    "traffic-limit-ip-qps": _between(1, 100000),
    "healthcheck-httpversion": _matches(r"HTTP1\.[01]", "must be HTTP1.0 or HTTP1.1", "HTTP1.1"),
    "healthcheck-code": _matches(
        rf"(?:{_NUMBERS})(?:,(?:{_NUMBERS}))*", "must be codes such as http_2xx, with commas", "http_2xx,http_3xx"
    ),
    "healthcheck-connect-port": _between(0, 65535),
}
_PER_SERVICE = ("conditions.", "actions.", "rule-direction.")


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every annotation of an Ingress that is unknown, has a typed setting, or a value that the ALB refuses."""
    for name, service in settings.services.items():
        if service.ingress is None:
            continue
        backend = (service.service and service.service.name) or name
        for key, value in service.ingress.annotations.items():
            path = show_path(("services", name, "ingress", "annotations", key))
            yield from _annotation(path, name, backend, key, value)
        yield from _together(name, service.ingress)


def _annotation(path: str, name: str, backend: str, key: str, value: str) -> Iterator[Problem]:
    if key.startswith(_NGINX):
        rule = "must not be an annotation of another controller: the ALB reads none of them but canary*"
        yield Problem(path, rule, f"use services.{name}.ingress.canary, or the annotation under {PREFIX}", key)
    elif key.startswith("pulumi.com/") or key in (
        "kubernetes.io/ingress.class",
        "kubectl.kubernetes.io/last-applied-configuration",
    ):
        yield Problem(path, "must not be an annotation that the program or kubectl writes", "remove it", key)
    if not key.startswith(PREFIX):
        return
    short = key.removeprefix(PREFIX)
    if short in TYPED:
        mend = f"use services.{name}.ingress.{TYPED[short]}"
        yield Problem(path, "must not be an annotation that a setting writes", mend, value)
    elif short.startswith(_PER_SERVICE):
        yield from _custom_rule(path, short, backend, value)
    elif short not in _ALLOWED:
        rule = "must be an annotation of the ALB controller: it ignores unknown ones in silence"
        yield Problem(path, rule, did_you_mean(short, {*_ALLOWED, *TYPED}), key)
    elif not _ALLOWED[short][0](value):
        rule, example = _ALLOWED[short][1:]
        yield Problem(
            path, f"{rule}: a refused value stops every Ingress of the ALB", f'for example "{example}"', value
        )


def _custom_rule(path: str, short: str, backend: str, value: str) -> Iterator[Problem]:
    kind, _, target = short.partition(".")
    if target != backend:
        rule = "must name the Service of the Ingress's paths"
        yield Problem(path, rule, f"{PREFIX}{kind}.{backend}", f"{PREFIX}{short}")
    if kind == "rule-direction":
        if value not in ("Request", "Response"):
            yield Problem(path, "must be Request or Response", did_you_mean(value, ("Request", "Response")), value)
        return
    try:
        entries = json.loads(value)
    except json.JSONDecodeError as error:
        yield Problem(path, f"must be a JSON list: {error.msg} at character {error.pos}", '[{"type": "…"}]', value)
        return
    if not isinstance(entries, list) or not all(isinstance(each, dict) and "type" in each for each in entries):
        yield Problem(path, "must be a JSON list of objects with a type", '[{"type": "…"}]', value)


def _together(name: str, ingress: Ingress) -> Iterator[Problem]:
    """Annotations that exclude each other or another setting."""
    stated = {key.removeprefix(PREFIX): value for key, value in ingress.annotations.items() if key.startswith(PREFIX)}
    if ingress.canary is not None:
        for short, value in stated.items():
            if short.startswith("conditions.") or short == "canary-by-cookie":
                rule = "must not stand beside canary: the ALB controller would make no rule at all"
                yield Problem(_path(name, short), rule, "keep one of the two", value)
    scheduler = stated.get("backend-scheduler", "wrr")
    if scheduler != "wrr" and ingress.slow_start_seconds is not None:
        rule = "must be wrr beside slowStartSeconds: other algorithms have no slow start"
        yield Problem(_path(name, "backend-scheduler"), rule, "wrr, or no slowStartSeconds", scheduler)
    if scheduler == "uch" and "backend-scheduler-uch-value" not in stated:
        rule = "must stand beside backend-scheduler-uch-value, the query parameter that is hashed"
        yield Problem(_path(name, "backend-scheduler"), rule, f"add {PREFIX}backend-scheduler-uch-value", scheduler)
    total, each = stated.get("traffic-limit-qps", ""), stated.get("traffic-limit-ip-qps", "")
    if total.isdigit() and each.isdigit() and int(each) >= int(total):
        rule = f"must be below traffic-limit-qps, which is {total}"
        yield Problem(_path(name, "traffic-limit-ip-qps"), rule, f'"{max(int(total) - 1, 1)}" at most', each)
    yield from _regular_expressions(name, ingress, stated)


def _regular_expressions(name: str, ingress: Ingress, stated: Mapping[str, str]) -> Iterator[Problem]:
    regex = stated.get("use-regex") == "true" or "rewrite-target" in stated
    for index, each in enumerate(ingress.paths):
        path = f"services.{name}.ingress.paths[{index}]"
        if regex and each.type != "Prefix":
            rule = "must be Prefix beside use-regex or rewrite-target: the ALB reads regular expressions only there"
            yield Problem(f"{path}.type", rule, "Prefix", each.type)
        elif not regex and re.search(r"[\^$()|\[\]\\]|\.\*", each.path):
            mend = f'annotations: {{{PREFIX}use-regex: "true"}} and type: Prefix, or a plain path'
            yield Problem(f"{path}.path", "must not be a regular expression without use-regex", mend, each.path)
        elif not regex and "*" in each.path and each.type != "ImplementationSpecific":
            rule = f"must not have a wildcard with type {each.type}"
            yield Problem(f"{path}.path", rule, "type: ImplementationSpecific, or a plain path", each.path)


def _path(name: str, short: str) -> str:
    return show_path(("services", name, "ingress", "annotations", f"{PREFIX}{short}"))
