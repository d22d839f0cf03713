"""The values of the chart in `chart/`: what a team that uses Helm would write down for the same objects."""

from collections.abc import Iterator
from typing import Any

from components.manifests.metadata import MANAGED, Manifest
from components.manifests.platform import platform_objects
from components.manifests.registration import SCRIPT
from config import StackSettings

_NAME = "app.kubernetes.io/name"


def chart_values(settings: StackSettings) -> dict[str, Any]:
    """The values with which the chart yields the objects of `ackp render`.

    What is the same for all services stands in the chart's template, and what differs stands here.
    """
    platform: list[Manifest] = []
    services: dict[str, dict[str, Manifest]] = {name: {} for name in settings.services}
    for manifest in platform_objects(settings):
        owner = manifest["metadata"]["labels"].get(_NAME)
        if owner in services:
            services[owner][manifest["kind"]] = manifest
        else:
            platform.append(manifest)
    scripts = {objects["ConfigMap"]["data"][SCRIPT] for objects in services.values()}
    return {
        "environment": settings.environment.name,
        "namespace": settings.namespace,
        "registrationScript": "".join(scripts),
        "platform": platform,
        "services": [_service(name, objects) for name, objects in services.items()],
    }


def _service(name: str, objects: dict[str, Manifest]) -> dict[str, Any]:
    deployment, policy = objects["Deployment"], objects["NetworkPolicy"]["spec"]
    spec = deployment["spec"]
    pod = spec["template"]["spec"]
    container, sidecar = pod["containers"][0], pod["initContainers"][0]
    return {
        "name": name,
        "registrationConfigMap": objects["ConfigMap"]["metadata"]["name"],
        "ingressRules": policy.get("ingress"),
        "egressRules": policy.get("egress"),
        "timeoutSeconds": deployment["metadata"]["annotations"]["pulumi.com/timeoutSeconds"],
        "progressDeadlineSeconds": spec["progressDeadlineSeconds"],
        "replicas": spec.get("replicas"),
        "podAnnotations": spec["template"]["metadata"]["annotations"],
        "readinessGates": [gate["conditionType"] for gate in pod.get("readinessGates", ())],
        "image": container["image"],
        "imagePullPolicy": container["imagePullPolicy"],
        "registrationEnv": list(_stated(sidecar)),
        "env": list(_stated(container)),
        "memory": container["resources"]["limits"]["memory"],
        "startupProbe": container["startupProbe"],
        "readinessProbe": container["readinessProbe"],
        "livenessProbe": container["livenessProbe"],
        "dataDirectory": container["volumeMounts"][0]["subPath"],
        "ingress": _ingress(objects.get("Ingress")),
        "autoscaler": _autoscaler(objects.get("HorizontalPodAutoscaler")),
    }


def _stated(container: Manifest) -> Iterator[Manifest]:
    return (variable for variable in container["env"] if "value" in variable)


def _ingress(manifest: Manifest | None) -> dict[str, Any] | None:
    if manifest is None:
        return None
    metadata = manifest["metadata"]
    return {
        "name": metadata["name"],
        "host": manifest["spec"]["rules"][0]["host"],
        "annotations": {key: value for key, value in metadata["annotations"].items() if key not in MANAGED},
    }


def _autoscaler(manifest: Manifest | None) -> dict[str, Any] | None:
    if manifest is None:
        return None
    spec = manifest["spec"]
    return {
        "name": spec["scaleTargetRef"]["name"],
        "minReplicas": spec["minReplicas"],
        "maxReplicas": spec["maxReplicas"],
    }
