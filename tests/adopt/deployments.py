"""The Deployments of the guide's services, as the console makes them, and as people changed them later."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.cluster.api import Object

SERVICES = ("gateway", "oauth2", "file", "admin", "resource", "exam", "study")

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
REDEPLOYED = "redeploy-timestamp"

_DATA, _LOCALTIME = "volume-1718083412345", "volume-localtime"
"""The console calls a volume after the millisecond of the click, and that of the time zone always the same."""

_LIMITS = {"gateway": ("2", "2Gi"), "exam": ("2", "3Gi")}
_NACOS = "http://10.3.0.10:8848/nacos/v1/ns/instance"


def deployment(environment: str, service: str) -> Object:
    """The Deployment of a service."""
    container = _container(environment, service)
    pod: Object = {
        "containers": [container],
        "imagePullSecrets": [{"name": "acr-credentials"}],
        "volumes": [
            {"name": _LOCALTIME, "hostPath": {"path": "/etc/localtime", "type": ""}},
            {"name": _DATA, "persistentVolumeClaim": {"claimName": f"{environment}-nas"}},
        ],
    }
    labels = {"app": service, "env": environment}
    template: Object = {"metadata": {"labels": labels, "annotations": {REDEPLOYED: "1724750000123"}}, "spec": pod}
    stated: Object = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": service, "namespace": environment, "labels": labels, "annotations": {}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": service}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": template,
        },
    }
    _PECULIAR[service](environment, stated, container)
    return stated


def _container(environment: str, service: str) -> Object:
    data = f"/product/{environment}/{service}"
    cpu, memory = _LIMITS.get(service, ("1", "1536Mi"))
    probe = {"tcpSocket": {"port": 80}, "periodSeconds": 10, "timeoutSeconds": 2, "successThreshold": 1}
    values = {
        "ENVIRONMENT": environment,
        "EXECUTABLE_JAR": f"product-micro-{service}-server-1.0-exec.jar",
        "DATA_DIR": data,
        "APP_DIR": "/app",
        "JVM_OPTIONS_BASE": "-XX:+UseContainerSupport -XX:MaxRAMPercentage=75.0",
        "SYSTEM_OPTIONS": "-Dserver.port=80 -Dfile.encoding=UTF-8 -Duser.timezone=Asia/Shanghai",
        "PROGRAM_PARAMS": "--spring.cloud.nacos.config.import-check.enabled=false"
        f" --spring.config.additional-location={data}/ --spring.profiles.active={environment}",
    }
    return {
        "name": service,
        "image": f"registry-vpc.cn-hangzhou.aliyuncs.com/example/{service}:{environment}-latest",
        "imagePullPolicy": "Always",
        "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "env": [{"name": name, "value": value} for name, value in values.items()],
        "resources": {"limits": {"cpu": cpu, "memory": memory}},
        "startupProbe": {**probe, "initialDelaySeconds": 10, "failureThreshold": 30},
        "readinessProbe": {**probe, "initialDelaySeconds": 5, "failureThreshold": 3},
        "livenessProbe": {**probe, "initialDelaySeconds": 30, "failureThreshold": 3},
        "volumeMounts": [
            {"name": _LOCALTIME, "mountPath": "/etc/localtime"},
            {"name": _DATA, "mountPath": data, "subPath": data.removeprefix("/")},
        ],
    }


def _gateway(environment: str, _stated: Object, container: Object) -> None:
    """Tells Nacos after its start and before its end, as the guide advises for a later time."""

    def tell(*, enabled: bool) -> Object:
        fields = (
            f"serviceName=gateway&namespaceId={environment}&ip=$(hostname -i)&port=80&enabled={str(enabled).lower()}"
        )
        return {"exec": {"command": ["/bin/sh", "-c", f'curl -s -X PUT "{_NACOS}?{fields}"; sleep 5']}}

    container["lifecycle"] = {"postStart": tell(enabled=True), "preStop": tell(enabled=False)}


def _oauth2(_environment: str, stated: Object, _container: Object) -> None:
    """Sends verification codes, so it is reached from the Internet, and left to itself for longer."""
    stated["spec"]["template"]["metadata"]["annotations"]["k8s.aliyun.com/pod-with-eip"] = "true"
    stated["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 60


def _file(_environment: str, stated: Object, container: Object) -> None:
    """Buffers uploads outside the NAS; was once exported, changed and applied with kubectl."""
    name = "volume-1719200000001"
    stated["spec"]["template"]["spec"]["volumes"].append({"name": name, "emptyDir": {"sizeLimit": "2Gi"}})
    container["volumeMounts"].append({"name": name, "mountPath": "/tmp/upload"})
    stated["metadata"]["annotations"][LAST_APPLIED] = json.dumps(stated, sort_keys=True) + "\n"


def _admin(_environment: str, stated: Object, container: Object) -> None:
    """Has variables from a ConfigMap, and was restarted with kubectl when that changed."""
    container["envFrom"] = [{"configMapRef": {"name": "admin-settings"}}]
    stated["spec"]["template"]["metadata"]["annotations"][RESTARTED] = "2026-09-01T10:00:00+08:00"


def _resource(_environment: str, stated: Object, _container: Object) -> None:
    """Waits for Nacos before it starts."""
    command = ["/bin/sh", "-c", "until nc -z 10.3.0.10 8848; do sleep 2; done"]
    image = "registry-vpc.cn-hangzhou.aliyuncs.com/example/busybox:1.36"
    waiting = {"name": "wait-for-nacos", "image": image, "imagePullPolicy": "IfNotPresent", "command": command}
    stated["spec"]["template"]["spec"]["initContainers"] = [waiting]


def _exam(_environment: str, _stated: Object, container: Object) -> None:
    """Starts slowly: the delay was raised."""
    container["startupProbe"]["initialDelaySeconds"] = 120
    container["livenessProbe"]["initialDelaySeconds"] = 240


def _study(environment: str, stated: Object, container: Object) -> None:
    """Has a second container that ships its logs."""
    mount = dict(container["volumeMounts"][1])
    image = "registry-vpc.cn-hangzhou.aliyuncs.com/example/filebeat:7.17.9"
    env = [{"name": "LOG_DIR", "value": f"{mount['mountPath']}/logs"}, {"name": "ENVIRONMENT", "value": environment}]
    ships = {"name": "filebeat", "image": image, "imagePullPolicy": "IfNotPresent", "env": env, "volumeMounts": [mount]}
    stated["spec"]["template"]["spec"]["containers"].append(ships)


_PECULIAR: dict[str, Callable[[str, Object, Object], None]] = {
    "gateway": _gateway,
    "oauth2": _oauth2,
    "file": _file,
    "admin": _admin,
    "resource": _resource,
    "exam": _exam,
    "study": _study,
}
"""What is different in each: changes the Deployment, or its container in it."""
