"""The Ingress (路由) of a service on the ALB.

Source: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary
"""

import json

from components.manifests.alb_config import SERVED_SECONDS
from components.manifests.metadata import Manifest, Opaque, awaited, metadata, service_labels
from config import StackSettings
from config.exposure import CanaryByWeight, HealthCheck, Ingress, TlsSecret

PREFIX = "alb.ingress.kubernetes.io/"


def ingress(
    settings: StackSettings, name: str, exposure: Ingress, *, namespace: Opaque, ingress_class: Opaque, service: Opaque
) -> Manifest:
    """The Ingress; its backend is the Service's name as an output, so it is deleted before the Service.

    The port is a number: the ALB controller does not read port names.
    """
    stated = settings.services[name].service
    backend = {"service": {"name": service, "port": {"number": stated.port if stated else exposure.listeners[0].port}}}
    host = settings.host(name)
    spec: Manifest = {
        "ingressClassName": ingress_class,
        "rules": [
            {
                "host": host,
                "http": {
                    "paths": [{"path": path.path, "pathType": path.type, "backend": backend} for path in exposure.paths]
                },
            }
        ],
    }
    if exposure.tls is not None:
        secret = {"secretName": exposure.tls.secret_name} if isinstance(exposure.tls, TlsSecret) else {}
        spec["tls"] = [{"hosts": [host], **secret}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata(
            exposure.name or name,
            service_labels(settings, name),
            namespace=namespace,
            annotations={**awaited(SERVED_SECONDS), **exposure.annotations, **ingress_annotations(exposure)},
        ),
        "spec": spec,
    }


def ingress_annotations(exposure: Ingress) -> dict[str, str]:
    """The ALB controller's annotations for the typed settings; every value is a string."""
    listeners = [{listener.protocol: listener.port} for listener in exposure.listeners]
    if exposure.redirect_to_https and {"HTTP": 80} not in listeners:
        listeners = [{"HTTP": 80}, *listeners]
    values: dict[str, str] = {
        "listen-ports": json.dumps(listeners),
        "backend-protocol": exposure.backend_protocol,
        **_health_check(exposure.health_check),
    }
    if exposure.redirect_to_https:
        values["ssl-redirect"] = "true"
    if exposure.sticky_session is not None:
        values["sticky-session"] = "true"
        values["sticky-session-type"] = exposure.sticky_session.type
        if exposure.sticky_session.type == "Insert":
            values["cookie-timeout"] = str(exposure.sticky_session.timeout_seconds)
        elif exposure.sticky_session.cookie is not None:
            values["cookie"] = exposure.sticky_session.cookie
    if exposure.drain_seconds is not None:
        values["connection-drain-enabled"] = "true"
        values["connection-drain-timeout"] = str(exposure.drain_seconds)
    if exposure.slow_start_seconds is not None:
        values["slow-start-enabled"] = "true"
        values["slow-start-duration"] = str(exposure.slow_start_seconds)
    if exposure.order is not None:
        values["order"] = str(exposure.order)
    values |= _canary(exposure)
    return {f"{PREFIX}{key}": value for key, value in values.items()}


def _health_check(check: HealthCheck | None) -> dict[str, str]:
    if check is None:
        return {"healthcheck-enabled": "false"}
    values = {
        "healthcheck-enabled": "true",
        "healthcheck-protocol": check.protocol,
        "healthcheck-interval-seconds": str(check.interval_seconds),
        "healthcheck-timeout-seconds": str(check.timeout_seconds),
        "healthy-threshold-count": str(check.healthy_threshold),
        "unhealthy-threshold-count": str(check.unhealthy_threshold),
    }
    if check.protocol != "TCP":
        values["healthcheck-path"] = check.path
        values["healthcheck-method"] = check.method
        values["healthcheck-httpcode"] = ",".join(check.codes)
    return values


def _canary(exposure: Ingress) -> dict[str, str]:
    if exposure.canary is None:
        return {}
    if isinstance(exposure.canary, CanaryByWeight):
        return {"canary": "true", "canary-weight": str(exposure.canary.weight)}
    values = {"canary": "true", "canary-by-header": exposure.canary.header}
    return values if exposure.canary.value is None else {**values, "canary-by-header-value": exposure.canary.value}
