"""Rules of Services, Ingresses, listeners and NetworkPolicies: who is reachable, and how."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policies.pod import WORKLOADS, template_of
from policies.rule import MUST, SHOULD, Object, Objects, Rule, metadata, spec

_SERVICE = "https://kubernetes.io/docs/concepts/services-networking/service/"
_INGRESS = "https://kubernetes.io/docs/concepts/services-networking/ingress/"
_ALB = "https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-management"
_POLICY = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"
_OLD_TLS = ("tls_cipher_policy_1_0", "tls_cipher_policy_1_1")
_LISTEN, _REDIRECT = "alb.ingress.kubernetes.io/listen-ports", "alb.ingress.kubernetes.io/ssl-redirect"


def _paths(each: Object) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    for rule in spec(each).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield rule.get("host"), path


def _inside(each: Object, _every: Objects) -> Iterator[str]:
    if spec(each).get("type", "ClusterIP") == "LoadBalancer":
        yield "has a load balancer of its own"


def _selects_pods(each: Object, every: Objects) -> Iterator[str]:
    selector = spec(each).get("selector") or {}
    for other in every.beside(each, *WORKLOADS):
        labels = metadata(template_of(other)).get("labels") or {}
        if selector and selector.items() <= labels.items():
            return
    yield "selects no pod of the stack"


def _backend(each: Object, every: Objects) -> Iterator[str]:
    services = {
        metadata(other).get("name"): [port.get("port") for port in spec(other).get("ports") or ()]
        for other in every.beside(each, "Service")
    }
    for _host, path in _paths(each):
        service = (path.get("backend") or {}).get("service")
        if service is None or (service.get("port") or {}).get("name") == "use-annotation":
            continue
        port = (service.get("port") or {}).get("number")
        if service.get("name") not in services:
            yield f"leads to the Service {service.get('name')}, which is not there"
        elif port is not None and port not in services[service["name"]]:
            yield f"leads to the port {port} of {service['name']}, which it does not have"


def _host(each: Object, _every: Objects) -> Iterator[str]:
    if any(not rule.get("host") for rule in spec(each).get("rules") or ()) or not spec(each).get("rules"):
        yield "takes requests for any host"


def _unique(each: Object, every: Objects) -> Iterator[str]:
    mine = {(host, path.get("path")) for host, path in _paths(each)}
    for other in every.of("Ingress"):
        if other is each or _is_canary(other) or _is_canary(each):
            continue
        for host, path in sorted(mine & {(host, path.get("path")) for host, path in _paths(other)}, key=str):
            if _ports(each) & _ports(other):
                yield f"{host}{path} is taken by {metadata(other).get('name')} too"


def _is_canary(each: Object) -> bool:
    return (metadata(each).get("annotations") or {}).get("alb.ingress.kubernetes.io/canary") == "true"


def _ports(each: Object) -> set[tuple[str, int]]:
    stated = (metadata(each).get("annotations") or {}).get(_LISTEN)
    listeners = json.loads(stated) if stated else [{"HTTPS" if spec(each).get("tls") else "HTTP": 0}]
    return {(str(protocol), port) for listener in listeners for protocol, port in listener.items()}


def _encrypted(each: Object, _every: Objects) -> Iterator[str]:
    protocols = {protocol for protocol, _port in _ports(each)}
    redirects = (metadata(each).get("annotations") or {}).get(_REDIRECT) == "true"
    if "HTTP" in protocols and not redirects:
        yield "answers without TLS"


def _actuator(each: Object, _every: Objects) -> Iterator[str]:
    for host, path in _paths(each):
        if str(path.get("path", "")).startswith("/actuator"):
            yield f"{host}{path['path']} shows the service's insides"


def _nginx(each: Object, _every: Objects) -> Iterator[str]:
    for name in metadata(each).get("annotations") or {}:
        if name.startswith("nginx.ingress.kubernetes.io/"):
            yield f"the annotation {name} does nothing here"


def _tls(each: Object, _every: Objects) -> Iterator[str]:
    for listener in spec(each).get("listeners") or ():
        policy = listener.get("securityPolicyId")
        if listener.get("protocol") in ("HTTPS", "QUIC") and (policy is None or policy in _OLD_TLS):
            yield f"the listener {listener.get('port')} speaks TLS 1.0 or 1.1"


def _override(each: Object, _every: Objects) -> Iterator[str]:
    for key in ("forceOverride", "listenerForceOverride"):
        config = spec(each).get("config") or {}
        if config.get("id") and config.get(key):
            yield f"{key} is on"


def _deny(each: Object, every: Objects) -> Iterator[str]:
    for policy in every.of("NetworkPolicy"):
        stated = spec(policy)
        same = metadata(policy).get("namespace") == metadata(each).get("name")
        closed = "Ingress" in (stated.get("policyTypes") or ()) and not stated.get("ingress")
        if same and closed and not stated.get("podSelector"):
            return
    yield "every pod of the cluster reaches every pod in it"


RULES = (
    Rule("service-inside", MUST, ("Service",), "is public, past ALB, certificate and access log",
         "take it out of the patch; ingress of the service makes it public", _SERVICE, _inside),
    Rule("service-has-pods", MUST, ("Service",), "answers nobody", "take out what the patch says of the selector",
         _SERVICE, _selects_pods, whole=True),
    Rule("ingress-has-service", MUST, ("Ingress",), "answers 503", "service of the service", _INGRESS, _backend,
         whole=True),
    Rule("ingress-host", MUST, ("Ingress",), "takes the requests of other services", "ingress.host", _INGRESS, _host),
    Rule("ingress-unique", MUST, ("Ingress",), "answers some requests of another service", "ingress.host, or "
         "ingress.paths", _INGRESS, _unique, whole=True),
    Rule("ingress-tls", SHOULD, ("Ingress",), "sends passwords and cookies readably", "ingress.tls, and "
         "ingress.redirectToHttps", _ALB, _encrypted),
    Rule("no-actuator-route", MUST, ("Ingress",), "shows settings, and perhaps heap, to the Internet", "ingress.paths",
         "https://docs.spring.io/spring-boot/reference/actuator/endpoints.html", _actuator),
    Rule("no-nginx-annotations", SHOULD, ("Ingress",), "does not do what it says", "ingress.annotations: ALB has its "
         "own", _ALB, _nginx),
    Rule("listener-tls", MUST, ("AlbConfig",), "speaks protocols that are broken", "alb.listeners[].tlsPolicy", _ALB,
         _tls),
    Rule("no-override", MUST, ("AlbConfig",), "deletes listeners that others made on a given ALB",
         "take it out: no setting makes it", _ALB, _override),
    Rule("default-deny", SHOULD, ("Namespace",), "lets one broken pod try all the others",
         "environment.networkPolicies", _POLICY, _deny, whole=True),
)  # fmt: skip
