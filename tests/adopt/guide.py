"""The guide's cluster: what is there after its steps were clicked through in the ACK console.

The objects are stated as people stated them; what the API server fills in, and what controllers add, comes with the
server. `write` makes them as the console and people's tools do. Names, ids and amounts are examples.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.adopt.clicks import write
from tests.adopt.deployments import SERVICES, deployment
from tests.cluster.api import Object

__all__ = ["CERTIFICATES", "ENVIRONMENTS", "SERVICES", "guide_objects", "host", "shared_objects", "write"]

ENVIRONMENTS = ("test", "uat")
"""The namespaces of the guide."""

CERTIFICATES = {"10000003-cn-hangzhou": ("*.example.com",)}
"""The certificates that the AlbConfig names, with their hosts."""

_ALB = "alb-example0000000000001"
_NGINX = "nginx.ingress.kubernetes.io/"
_NO_SECRET = "bm90IGEgc2VjcmV0"
"""`not a secret`: the API server wants the keys of a Secret, and never looks at what they hold."""


def host(environment: str, service: str) -> str:
    """The host name of a service that has an Ingress."""
    return f"{service}.{environment}.example.com"


def shared_objects() -> list[Object]:
    """What both environments use: the AlbConfig `alb`, and the IngressClass `alb` of it."""
    certificates = [{"CertificateId": each, "IsDefault": True} for each in CERTIFICATES]
    return [
        {
            "apiVersion": "alibabacloud.com/v1",
            "kind": "AlbConfig",
            "metadata": {"name": "alb"},
            "spec": {
                "config": {"id": _ALB, "forceOverride": False},
                "listeners": [
                    {"port": 80, "protocol": "HTTP"},
                    {"port": 443, "protocol": "HTTPS", "certificates": certificates},
                    {"port": 8000, "protocol": "HTTPS", "certificates": certificates},
                    {"port": 9102, "protocol": "HTTP"},
                ],
            },
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": "alb"},
            "spec": {
                "controller": "ingress.k8s.alibabacloud/alb",
                "parameters": {"apiGroup": "alibabacloud.com", "kind": "AlbConfig", "name": "alb", "scope": "Cluster"},
            },
        },
    ]


def guide_objects(environment: str) -> list[Object]:
    """The objects of one environment, in the guide's order: the namespace first, what uses a thing after it.

    Args:
        environment: Its name, and its namespace's: one of `ENVIRONMENTS`, or any other for a namespace of one's own.
    """
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": environment}},
        *_limits(environment),
        *_storage(environment),
        *_secrets(environment),
        _object("v1", "ConfigMap", "admin-settings", environment, {"data": {"ADMIN_THEME": "light"}}),
        *(deployment(environment, service) for service in SERVICES),
        *_services(environment),
        *_ingresses(environment),
        _autoscaler(environment),
    ]


def _object(version: str, kind: str, name: str, environment: str, rest: Object) -> Object:
    """An object in the environment's namespace, without labels: the console gives those a person types."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": environment}, **rest}


def _limits(environment: str) -> Iterator[Object]:
    hard = {"limits.cpu": "48", "limits.memory": "96Gi", "pods": "60"}
    yield _object("v1", "ResourceQuota", f"{environment}-quota", environment, {"spec": {"hard": hard}})
    amounts = {"default": {"cpu": "500m", "memory": "512Mi"}, "defaultRequest": {"cpu": "100m", "memory": "128Mi"}}
    limits = [{"type": "Container", **amounts}]
    yield _object("v1", "LimitRange", f"{environment}-limits", environment, {"spec": {"limits": limits}})


def _storage(environment: str) -> Iterator[Object]:
    """The claim and its volume on NAS, joined by a label as the console joins them.

    Source: https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/mount-a-statically-provisioned-nas-volume
    """
    name, size = f"{environment}-nas", {"storage": "100Gi"}
    common = {"accessModes": ["ReadWriteMany"], "storageClassName": "nas"}
    server = "0123456789-abc01.cn-hangzhou.nas.aliyuncs.com"
    yield {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": {"alicloud-pvname": name}},
        "spec": {
            **common,
            "capacity": size,
            "csi": {
                "driver": "nasplugin.csi.alibabacloud.com",
                "volumeHandle": name,
                "volumeAttributes": {"server": server, "path": "/"},
            },
            "mountOptions": ["nolock,tcp,noresvport", "vers=3"],
            "persistentVolumeReclaimPolicy": "Retain",
        },
    }
    selector = {"matchLabels": {"alicloud-pvname": name}}
    spec = {**common, "resources": {"requests": size}, "selector": selector}
    yield _with_env(_object("v1", "PersistentVolumeClaim", name, environment, {"spec": spec}), environment)


def _secrets(environment: str) -> Iterator[Object]:
    docker = {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "e30="}}
    yield _object("v1", "Secret", "acr-credentials", environment, docker)
    pair = {"type": "kubernetes.io/tls", "data": {"tls.crt": _NO_SECRET, "tls.key": _NO_SECRET}}
    yield _object("v1", "Secret", "example-com-tls", environment, pair)


def _services(environment: str) -> Iterator[Object]:
    """Three of the seven have a Service; that of `file` has a name of its own, and names its port its own way."""
    ports: dict[tuple[str, str], Object] = {
        ("gateway", "gateway"): {"name": "http", "port": 8080},
        ("file-svc", "file"): {"name": "upload", "port": 9090},
        ("admin", "admin"): {"port": 80},
    }
    for (name, service), port in ports.items():
        stated = [{**port, "protocol": "TCP", "targetPort": 80}]
        spec = {"type": "ClusterIP", "selector": {"app": service}, "ports": stated}
        yield _with_env(_object("v1", "Service", name, environment, {"spec": spec}), environment)


def _ingresses(environment: str) -> Iterator[Object]:
    """That of the gateway; what a grey release (社区版) of it left behind; and one where it was switched off."""
    listeners = {"alb.ingress.kubernetes.io/listen-ports": '[{"HTTPS": 443}, {"HTTPS": 8000}]'}
    yield _ingress(environment, "gateway", "gateway", 8080, listeners)
    weight = {f"{_NGINX}canary": "true", f"{_NGINX}canary-weight": "10"}
    yield _ingress(environment, "gateway-canary", "gateway", 8080, weight)
    off = {f"{_NGINX}canary": "false", f"{_NGINX}canary-by-header": "X-Canary"}
    yield _ingress(environment, "admin", "admin", 80, off)


def _ingress(environment: str, name: str, service: str, port: int, annotations: dict[str, str]) -> Object:
    backend = {"service": {"name": service, "port": {"number": port}}}
    path = {"path": "/", "pathType": "ImplementationSpecific", "backend": backend}
    named = host(environment, service)
    spec = {
        "ingressClassName": "alb",
        "rules": [{"host": named, "http": {"paths": [path]}}],
        "tls": [{"hosts": [named], "secretName": "example-com-tls"}],
    }
    stated = _with_env(_object("networking.k8s.io/v1", "Ingress", name, environment, {"spec": spec}), environment)
    stated["metadata"]["annotations"] = annotations
    return stated


def _autoscaler(environment: str) -> Object:
    """Of `exam`, whose Deployment was made with one pod less than its least."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "exam"}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    spec = {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 6, "metrics": [metric]}
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", "exam", environment, {"spec": spec})


def _with_env(stated: Object, environment: str) -> Object:
    """With the label that the guide gives to Pod, Deployment, Service, Ingress and PersistentVolumeClaim."""
    stated["metadata"]["labels"] = {"env": environment}
    return stated
