"""Each Ingress by itself: its Service, host, listeners, and what its settings need of each other."""

import re
from collections.abc import Iterator

from config.errors import Problem, did_you_mean
from config.exposure import Ingress
from config.stack import StackSettings

_ODD_PATH = re.compile(r"//|/\.\.?(?:/|$)|%2[fF]")


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every Ingress that the ALB could not serve as stated."""
    for name, service in settings.services.items():
        if service.ingress is not None:
            if service.service is None:
                rule = "must stand beside service: the ALB forwards to it"
                yield Problem(f"services.{name}.ingress", rule, f"services.{name}.service: {{port: 80}}")
            yield from _host(settings, name, service.ingress)
            yield from _listeners(settings, name, service.ingress)
            yield from _protocol(settings, name, service.ingress)
            yield from _times(settings, name, service.ingress)


def _host(settings: StackSettings, name: str, ingress: Ingress) -> Iterator[Problem]:
    suffix, path = settings.environment.host_suffix, f"services.{name}.ingress.host"
    if ingress.host is None and suffix is None:
        rule = "must be set where environment.hostSuffix is not"
        yield Problem(path, rule, f"host: {name}.example.com, or environment.hostSuffix: example.com")
    elif ingress.host and suffix and ingress.host != suffix and not ingress.host.endswith(f".{suffix}"):
        rule = f"must end with environment.hostSuffix, .{suffix}"
        yield Problem(path, rule, f"{name}.{suffix}", ingress.host)
    for index, each in enumerate(ingress.paths):
        if each.path == "/actuator" or each.path.startswith("/actuator/"):
            rule = "must not open the actuator to the outside: it shows and changes the inside of the service"
            yield Problem(f"services.{name}.ingress.paths[{index}].path", rule, "remove it", each.path)
        if each.type != "ImplementationSpecific" and _ODD_PATH.search(each.path):
            rule = f"must not contain '//', '/.', '/..' or '%2f' with type {each.type}: Kubernetes refuses it"
            yield Problem(f"services.{name}.ingress.paths[{index}].path", rule, "the plain path", each.path)


def _listeners(settings: StackSettings, name: str, ingress: Ingress) -> Iterator[Problem]:
    path, declared = f"services.{name}.ingress", settings.listeners
    keys = [each.key for each in ingress.listeners]
    for index, key in enumerate(keys):
        if key not in declared:
            port, protocol = ingress.listeners[index].port, ingress.listeners[index].protocol
            known = did_you_mean(key, declared)
            mend = f"alb.listeners: - {{ port: {port}, protocol: {protocol} }}; {known}"
            yield Problem(f"{path}.listeners[{index}]", "must be declared under alb.listeners", mend, key)
        if key in keys[:index]:
            yield Problem(f"{path}.listeners[{index}]", "must not be there twice", "remove one", key)
    if ingress.redirect_to_https:
        for key, port, protocol in (("HTTP/80", 80, "HTTP"), ("HTTPS/443", 443, "HTTPS")):
            if key not in declared:
                rule = f"must have the listener {key}: the ALB redirects from port 80 to port 443"
                mend = f"alb.listeners: - {{ port: {port}, protocol: {protocol} }}"
                yield Problem(f"{path}.redirectToHttps", rule, mend, value=True)
        if "HTTPS/443" not in keys:
            rule = "must lead to a listener of this Ingress: it has no HTTPS/443"
            yield Problem(f"{path}.redirectToHttps", rule, "listeners: - { port: 443, protocol: HTTPS }", value=True)


def _protocol(settings: StackSettings, name: str, ingress: Ingress) -> Iterator[Problem]:
    path, sticky, canary = f"services.{name}.ingress", ingress.sticky_session, ingress.canary
    if ingress.backend_protocol == "grpc" and any(each.protocol == "HTTP" for each in ingress.listeners):
        rule = "must not be grpc on an HTTP listener: clients speak it over TLS only"
        yield Problem(f"{path}.backendProtocol", rule, "HTTPS listeners only", "grpc")
    if sticky is not None and sticky.type == "Server" and sticky.cookie is None:
        rule = "must be set with type Server: it is the cookie that the service sets"
        yield Problem(f"{path}.stickySession.cookie", rule, "for example JSESSIONID")
    if sticky is not None and sticky.type == "Insert" and sticky.cookie is not None:
        rule = "must be left out with type Insert: the ALB names its own cookie"
        yield Problem(f"{path}.stickySession.cookie", rule, "remove it, or type: Server", sticky.cookie)
    if canary is not None and ingress.redirect_to_https:
        rule = "must be false beside canary: the service with the same host redirects already"
        yield Problem(f"{path}.redirectToHttps", rule, "redirectToHttps: false", value=True)
    if settings.cluster.network == "flannel":
        if sticky is not None:
            rule = "must be left out on Flannel: the ALB reaches nodes there, not pods, so a cookie holds no pod"
            yield Problem(f"{path}.stickySession", rule, "remove it", sticky.type)
        if ingress.readiness_gate and "readiness_gate" in ingress.model_fields_set:
            rule = "must be false or left out on Flannel: the ALB knows no pods there"
            yield Problem(f"{path}.readinessGate", rule, "readinessGate: false", value=True)


def _times(settings: StackSettings, name: str, ingress: Ingress) -> Iterator[Problem]:
    path, cycle = f"services.{name}.ingress", settings.life_cycle(name)
    pod_lives = cycle.drain + cycle.shutdown
    if ingress.drain_seconds is not None and ingress.drain_seconds > pod_lives:
        rule = (
            f"must not be above {pod_lives} s, in which the pod still answers: drain {cycle.drain} s + graceful"
            f" shutdown {cycle.shutdown} s"
        )
        mend = f"drainSeconds: {pod_lives} at most, or a longer services.{name}.registration.shutdownSeconds"
        yield Problem(f"{path}.drainSeconds", rule, mend, ingress.drain_seconds)
