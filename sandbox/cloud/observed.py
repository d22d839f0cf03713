"""What the API server and the controllers write into an object: metadata, cluster addresses, status.

Times are a constant and uids follow from the name, so that equal runs give equal contents.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.cloud.contents import Contents, Entry
from sandbox.cloud.kinds import Kind
from sandbox.cloud.load_balancing import alb_status, balancer_of

CREATED = "2026-01-01T00:00:00Z"
_SERVICE_NETWORK = (172, 16)  # 172.16.0.0/16
_NODE_PORTS = (30000, 2768)


@dataclass(frozen=True, slots=True)
class _Object:
    contents: Contents
    identity: str
    plain: dict[str, Any]
    ready: bool


def observed(
    contents: Contents, kind: Kind, identity: str, plain: dict[str, Any], existing: Entry | None, *, ready: bool
) -> dict[str, Any]:
    """Return the fields that the cluster adds to an object.

    Args:
        contents: the cloud.
        kind: the object's kind.
        identity: its id.
        plain: its inputs, secrets opened.
        existing: what it was before this step.
        ready: whether its controllers succeed.
    """
    before = existing.object.get("metadata", {}).get("generation", 0) if existing else 0
    added: dict[str, Any] = {
        "metadata": {
            "uid": _uid(kind.type, identity),
            "creationTimestamp": CREATED,
            "resourceVersion": str(contents.next_version),
            "generation": before + 1,
        }
    }
    rule = _RULES.get(kind.type)
    return added | (rule(_Object(contents, identity, plain, ready)) if rule else {})


def _uid(kind: str, identity: str) -> str:
    digest = hashlib.sha256(f"{kind}::{identity}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _number(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % below


def _namespace(_this: _Object) -> dict[str, Any]:
    return {"status": {"phase": "Active"}}


def _deployment(this: _Object) -> dict[str, Any]:
    replicas = this.plain["spec"].get("replicas", 1)
    available = {"type": "Available", "status": str(this.ready), "reason": "MinimumReplicasAvailable"}
    if not this.ready:
        available["reason"] = "MinimumReplicasUnavailable"
        return {"status": {"replicas": replicas, "unavailableReplicas": replicas, "conditions": [available]}}
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), replicas)
    return {"status": {**counts, "conditions": [available]}}


def _service(this: _Object) -> dict[str, Any]:
    spec = this.plain["spec"]
    kind = spec.get("type", "ClusterIP")
    added: dict[str, Any] = {"type": kind}
    if kind != "ExternalName":
        high, low = divmod(_number(this.identity, 65536 - 512) + 256, 256)
        address = spec.get("clusterIP") or ".".join(map(str, (*_SERVICE_NETWORK, high, low)))
        added |= {"clusterIP": address, "clusterIPs": [address]}
    if kind in {"NodePort", "LoadBalancer"}:
        first, count = _NODE_PORTS
        added["ports"] = [
            {"nodePort": first + _number(f"{this.identity}:{port['port']}", count), **port}
            for port in spec.get("ports", [])
        ]
    balancer = {"ingress": [{"ip": f"203.0.113.{_number(this.identity, 254) + 1}"}]} if kind == "LoadBalancer" else {}
    return {"spec": added, "status": {"loadBalancer": balancer}}


def _volume(_this: _Object) -> dict[str, Any]:
    return {"status": {"phase": "Available"}}


def _claim(this: _Object) -> dict[str, Any]:
    if not this.ready:
        return {"status": {"phase": "Pending"}}
    spec = this.plain["spec"]
    capacity = spec.get("resources", {}).get("requests", {})
    return {"status": {"phase": "Bound", "accessModes": spec["accessModes"], "capacity": capacity}}


def _ingress(this: _Object) -> dict[str, Any]:
    balancer = balancer_of(this.contents, this.plain) if this.ready else None
    return {"status": {"loadBalancer": {"ingress": [{"hostname": balancer["dnsname"]}]} if balancer else {}}}


def _alb_config(this: _Object) -> dict[str, Any]:
    return {"status": {"loadBalancer": alb_status(this.contents, this.plain)}} if this.ready else {}


def _quota(this: _Object) -> dict[str, Any]:
    return {"status": {"hard": this.plain.get("spec", {}).get("hard", {})}}


def _definition(_this: _Object) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": "Established", "status": "True"}]}}


def _job(_this: _Object) -> dict[str, Any]:
    return {"status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}}


_RULES: dict[str, Callable[[_Object], dict[str, Any]]] = {
    "kubernetes:core/Namespace": _namespace,
    "kubernetes:apps/Deployment": _deployment,
    "kubernetes:core/Service": _service,
    "kubernetes:core/PersistentVolume": _volume,
    "kubernetes:core/PersistentVolumeClaim": _claim,
    "kubernetes:networking.k8s.io/Ingress": _ingress,
    "kubernetes:alibabacloud.com/AlbConfig": _alb_config,
    "kubernetes:core/ResourceQuota": _quota,
    "kubernetes:apiextensions.k8s.io/CustomResourceDefinition": _definition,
    "kubernetes:batch/Job": _job,
}
