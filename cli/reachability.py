"""Who is reachable from where in a stack, as a flowchart: from the Internet by the ALB to pods, and out of them.

It is read off the objects that the stack would apply, so patches are in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adopt.exposure import listeners_of
from cli.flowchart import Flowchart, Shape
from components.manifests.ingress import PREFIX
from components.manifests.metadata import Manifest
from components.manifests.network_policy import PROMETHEUS_NAMESPACE
from components.manifests.objects import objects_of
from components.manifests.pod import EIP_GATE
from config import StackSettings
from config.alb import AlbById, AlbByIngressClass, OwnedAlb
from config.nas import GivenNas, OwnedNas

ALB, NAMESPACE = "alb", "namespace"


def flowchart(settings: StackSettings) -> Flowchart:
    """Draw a stack."""
    chart = Flowchart()
    objects = {name: objects_of(settings, name) for name in settings.services}
    _listeners(settings, chart)
    closed = settings.environment.network_policies is not None
    reach = "NetworkPolicies say who gets in" if closed else "every pod of the cluster gets in"
    chart.group(NAMESPACE, f"Namespace {settings.namespace}: {reach}")
    _ways_in(settings, chart, objects)
    for name, placed in objects.items():
        _ways_out(settings, chart, name, placed["deployment"])
    return chart


def _listeners(settings: StackSettings, chart: Flowchart) -> None:
    """The ALB and who reaches it: of an ALB that is given, no setting says whether it is public."""
    alb = settings.alb
    outside = ["Internet", "if this ALB is public"]
    match alb:
        case OwnedAlb():
            chart.group(ALB, f"ALB {alb.name or f'{settings.environment.name}-alb'}")
            outside = ["Internet"] if alb.address_type == "Internet" else ["VPC"]
        case AlbById():
            chart.group(ALB, f"ALB {alb.id}")
        case AlbByIngressClass():
            chart.group(ALB, f"ALB of IngressClass {alb.ingress_class}")
    clients = chart.node("clients", "", Shape.STADIUM, *outside)
    for listener in alb.listeners:
        chart.edge(clients, _listener(chart, listener.port, listener.protocol))


def _listener(chart: Flowchart, port: int, protocol: str) -> str:
    return chart.node("listener", f"{protocol}_{port}", Shape.BOX, f"{protocol} {port}", group=ALB)


def _ways_in(settings: StackSettings, chart: Flowchart, objects: Mapping[str, Mapping[str, Manifest]]) -> None:
    """Listener → Ingress → Service → pods; Prometheus to pods."""
    services = {
        placed["service"]["metadata"]["name"]: placed["service"] for placed in objects.values() if "service" in placed
    }
    labels = _Labels({name: placed["deployment"] for name, placed in objects.items()})
    for name, placed in objects.items():
        if "ingress" in placed:
            _ingress(chart, placed["ingress"], services)
        if "service" in placed:
            _service(chart, placed["service"])
        pods = _pods(settings, chart, name, placed)
        if settings.services[name].metrics is not None:
            agent = chart.node("prometheus", "", Shape.STADIUM, "Prometheus", f"namespace {PROMETHEUS_NAMESPACE}")
            chart.edge(agent, pods, "metrics")
    for service in services.values():
        for name in labels.selected(service["spec"].get("selector") or {}):
            ports = ", ".join(str(port.get("targetPort", port["port"])) for port in service["spec"].get("ports") or ())
            chart.edge(_service(chart, service), _pods(settings, chart, name, objects[name]), f"port {ports}")


def _ingress(chart: Flowchart, ingress: Manifest, services: Mapping[str, Manifest]) -> None:
    name = str(ingress["metadata"]["name"])
    annotations = ingress["metadata"].get("annotations") or {}
    paths = [(rule.get("host", ""), path) for rule in ingress["spec"].get("rules") or () for path in _paths(rule)]
    routes = [f"{host}{path.get('path', '/')}" for host, path in paths]
    node = chart.node("ingress", name, Shape.BOX, f"Ingress {name}", *routes, *_canary(annotations), group=NAMESPACE)
    redirects = annotations.get(f"{PREFIX}ssl-redirect") == "true"
    for port, protocol in listeners_of(ingress):
        redirected = redirects and (port, protocol) == (80, "HTTP")
        said = ("redirect to 443",) if redirected else ()
        chart.edge(_listener(chart, port, protocol), node, *said, dotted=redirected)
    for _, path in paths:
        backend = (path.get("backend") or {}).get("service") or {}
        target = str(backend.get("name", "none"))
        known = services.get(target)
        other = (
            chart.node("service", target, Shape.ROUND, f"Service {target}", "not of this stack")
            if known is None
            else None
        )
        chart.edge(node, other or _service(chart, services[target]))


def _paths(rule: Manifest) -> list[Any]:
    return (rule.get("http") or {}).get("paths") or []


def _canary(annotations: Mapping[str, str]) -> Iterator[str]:
    if annotations.get(f"{PREFIX}canary") != "true":
        return
    weight, header = annotations.get(f"{PREFIX}canary-weight"), annotations.get(f"{PREFIX}canary-by-header")
    yield f"canary: {weight} % of the requests" if header is None else f"canary: requests with header {header}"


def _service(chart: Flowchart, service: Manifest) -> str:
    name = str(service["metadata"]["name"])
    ports = ", ".join(str(port["port"]) for port in service["spec"].get("ports") or ())
    return chart.node("service", name, Shape.ROUND, f"Service {name}", f"port {ports}", group=NAMESPACE)


def _pods(settings: StackSettings, chart: Flowchart, name: str, placed: Mapping[str, Manifest]) -> str:
    spec = placed["autoscaler"]["spec"] if "autoscaler" in placed else placed["deployment"]["spec"]
    count = f"{spec['minReplicas']} to {spec['maxReplicas']}" if "maxReplicas" in spec else str(spec.get("replicas", 1))
    nacos = settings.services[name].registration.nacos_name
    known = [f"in Nacos {nacos}"] if settings.nacos is not None and nacos is not None else []
    text = f"{count} pod" if count == "1" else f"{count} pods"
    return chart.node("pods", name, Shape.SUBROUTINE, name, text, *known, group=NAMESPACE)


def _ways_out(settings: StackSettings, chart: Flowchart, name: str, deployment: Manifest) -> None:
    """Pods → Nacos, NAS, and the Internet by an EIP of their own."""
    pods = chart.node("pods", name, Shape.SUBROUTINE)
    service, nacos = settings.services[name], settings.nacos
    pod = deployment["spec"]["template"]["spec"]
    if nacos is not None and service.registration.nacos_name is not None:
        lines = (f"Nacos {nacos.address}", f"namespace {settings.nacos_namespace}")
        chart.edge(pods, chart.node("nacos", "", Shape.HEXAGON, *lines))
    for volume in pod.get("volumes") or ():
        if claim := (volume.get("persistentVolumeClaim") or {}).get("claimName"):
            chart.edge(pods, chart.node("claim", claim, Shape.CYLINDER, *_storage(settings, claim)))
    if service.eip is not None and {"conditionType": EIP_GATE} in (pod.get("readinessGates") or ()):
        out = chart.node("internet", "", Shape.STADIUM, "Internet")
        closed = settings.environment.network_policies is not None
        both = "out only" if closed else "in too, where the security group lets it"
        chart.edge(pods, out, f"an EIP for each pod, {both}")


def _storage(settings: StackSettings, claim: str) -> Iterator[str]:
    yield f"claim {claim}"
    if claim == settings.claim:
        match settings.nas.file_system:
            case GivenNas(id=name):
                yield f"NAS {name}"
            case OwnedNas():
                yield "NAS of this stack"
        if settings.nas_path is not None:
            yield f"directory {settings.nas_path}"


class _Labels:
    """The pods' labels, to find whom a Service selects without asking every service for each."""

    def __init__(self, deployments: Mapping[str, Manifest]) -> None:
        self._labels = {
            name: dict(deployment["spec"]["template"]["metadata"].get("labels") or {})
            for name, deployment in deployments.items()
        }
        self._having: dict[tuple[str, str], list[str]] = {}
        for name, labels in self._labels.items():
            for pair in labels.items():
                self._having.setdefault(pair, []).append(name)

    def selected(self, selector: Mapping[str, str]) -> list[str]:
        """The services whose pods have all these labels; an empty selector selects none."""
        rarest = min((self._having.get(pair, []) for pair in selector.items()), key=len, default=[])
        return [name for name in rarest if selector.items() <= self._labels[name].items()]
