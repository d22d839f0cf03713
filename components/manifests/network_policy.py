"""NetworkPolicies (网络策略): everything is denied but what stands here.

They take effect only where the network plug-in enforces them: Terway with its NetworkPolicy switch on.
Policies add up, so each allows one thing. Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from collections.abc import Iterable

from components.manifests.metadata import (
    Manifest,
    Opaque,
    environment_labels,
    metadata,
    selector,
    service_labels,
)
from config import StackSettings
from config.alb import OwnedAlb
from config.environment import EgressRule, NetworkPolicies

NODE_LOCAL_DNS = "169.254.20.10/32"
"""NodeLocal DNSCache answers there, on the node's own network.

Source: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
"""
PROMETHEUS_NAMESPACE = "arms-prom"
"""Where the agent of Managed Service for Prometheus (add-on arms-prometheus) runs."""
_NFS = (111, 2049)
_GRPC_OFFSET = 1000
_SERVER_GRPC_OFFSET = 1001
_API_SERVER = (443, 6443)


def network_policies(settings: StackSettings, policies: NetworkPolicies, namespace: Opaque) -> dict[str, Manifest]:
    """The policies for all pods of the namespace, by role."""
    switches = _v_switches(settings)
    everyone: Manifest = {"podSelector": {}}
    specs: dict[str, Manifest] = {
        "default-deny": {**everyone, "policyTypes": ["Ingress", "Egress"]},
        "allow-dns": _egress(everyone, [_dns_servers(switches) | _ports((53,), ("UDP", "TCP"))]),
        "allow-namespace": {
            **everyone,
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [everyone]}],
            "egress": [{"to": [everyone]}],
        },
        "allow-nas": _egress(everyone, [{"to": _blocks(switches), **_ports(_NFS, ("TCP", "UDP"))}]),
    }
    if policies.nacos and settings.nacos is not None:
        specs["allow-nacos"] = _egress(everyone, [{"to": _blocks(policies.nacos), **_ports(_nacos_ports(settings))}])
    if policies.egress:
        specs["allow-egress"] = _egress(everyone, _declared(policies.egress))
    labels = environment_labels(settings)
    return {name: _policy(name, labels, namespace, spec) for name, spec in specs.items()}


def service_policy(settings: StackSettings, service: str, namespace: Opaque) -> Manifest:
    """The policy of one service: ALB and Prometheus to its port, and the destinations it declares."""
    stated = settings.services[service]
    ingress: list[Manifest] = []
    if stated.ingress is not None:
        ingress.append({"from": _blocks(_alb_networks(settings)), **_ports((stated.port,))})
    if stated.metrics is not None:
        agent = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": PROMETHEUS_NAMESPACE}}}
        ingress.append({"from": [agent], **_ports((stated.metrics.port or stated.port,))})
    rules = {"ingress": ingress, "egress": _declared(stated.egress)}
    spec: Manifest = {
        "podSelector": {"matchLabels": selector(settings, service)},
        "policyTypes": ["Ingress", "Egress"],
        # An empty list means what no list means, but the API server counts it as a change each time it is applied.
        **{direction: listed for direction, listed in rules.items() if listed},
    }
    return _policy(service, service_labels(settings, service), namespace, spec)


def api_server_policy(settings: StackSettings, name: str, pods: Manifest, namespace: Opaque) -> Manifest:
    """The policy of pods that ask the Kubernetes API, whose address is the cluster's own affair."""
    spec = _egress({"podSelector": {"matchLabels": pods}}, [_ports(_API_SERVER)])
    return _policy(name, {**environment_labels(settings), **pods}, namespace, spec)


def _policy(name: str, labels: Manifest, namespace: Opaque, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(name, labels, namespace=namespace),
        "spec": spec,
    }


def _egress(pods: Manifest, rules: list[Manifest]) -> Manifest:
    return {**pods, "policyTypes": ["Egress"], "egress": rules}


def _dns_servers(switches: Iterable[str]) -> Manifest:
    """CoreDNS in the cluster, CoreDNS managed by ACK (in a vSwitch), and the cache on the node."""
    pods = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    return {"to": [pods, *_blocks([*switches, NODE_LOCAL_DNS])]}


def _declared(rules: Iterable[EgressRule]) -> list[Manifest]:
    return [{"to": _blocks([rule.cidr]), **(_ports(rule.ports) if rule.ports else {})} for rule in rules]


def _nacos_ports(settings: StackSettings) -> list[int]:
    """The API's port, and from Nacos 2 on the two gRPC ports beside it."""
    if settings.nacos is None:
        return []
    ports = [int(address.rsplit(":", 1)[1]) for address in settings.nacos.address.split(",")]
    offsets = (0,) if settings.nacos.version == "1.x" else (0, _GRPC_OFFSET, _SERVER_GRPC_OFFSET)
    return sorted({port + offset for port in ports for offset in offsets})


def _v_switches(settings: StackSettings) -> list[str]:
    return list(dict.fromkeys(switch.cidr for switch in settings.cluster.v_switches))


def _alb_networks(settings: StackSettings) -> list[str]:
    """Where the ALB sends from: its own vSwitches, or any of the cluster's where they are not known here."""
    if not isinstance(settings.alb, OwnedAlb):
        return _v_switches(settings)
    networks = [switch.cidr for switch in settings.cluster.v_switches if switch.id in settings.alb.v_switches]
    return list(dict.fromkeys(networks))


def _blocks(networks: Iterable[str]) -> list[Manifest]:
    return [{"ipBlock": {"cidr": network}} for network in networks]


def _ports(ports: Iterable[int], protocols: Iterable[str] = ("TCP",)) -> Manifest:
    return {"ports": [{"port": port, "protocol": protocol} for port in ports for protocol in protocols]}
