"""Startup, readiness and liveness probes of a service."""

from components.manifests.metadata import Manifest
from config.service import Service

_STARTUP_PERIOD_SECONDS = 5


def probes(service: Service) -> Manifest:
    """The three probes: startup first, then readiness and liveness beside each other.

    Liveness is slower and more patient than readiness: a restart is the last resort.
    """
    settings = service.probes
    port = settings.port or service.port

    def ask(path: str) -> Manifest:
        return {"httpGet": {"path": path, "port": port}} if settings.type == "http" else {"tcpSocket": {"port": port}}

    timeout = settings.timeout_seconds
    return {
        "startupProbe": {
            **ask(settings.liveness_path),
            "periodSeconds": _STARTUP_PERIOD_SECONDS,
            "failureThreshold": -(-settings.startup_seconds // _STARTUP_PERIOD_SECONDS),
            "timeoutSeconds": timeout,
        },
        "readinessProbe": {
            **ask(settings.readiness_path),
            "periodSeconds": settings.period_seconds,
            "failureThreshold": 3,
            "timeoutSeconds": timeout,
        },
        "livenessProbe": {
            **ask(settings.liveness_path),
            "periodSeconds": 2 * settings.period_seconds,
            "failureThreshold": 6,
            "timeoutSeconds": timeout,
        },
    }
