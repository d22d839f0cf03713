"""Health checks by the kubelet."""

from collections.abc import Iterator

from config.checks.options import stated_property
from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every probe that cannot tell what it is there for."""
    for name, service in settings.services.items():
        path, probes = f"services.{name}.probes", service.probes
        if probes.timeout_seconds >= probes.period_seconds:
            rule = f"must be below periodSeconds, which is {probes.period_seconds}"
            mend = (
                f"timeoutSeconds: {max(probes.period_seconds - 1, 1)}, or periodSeconds: {probes.timeout_seconds + 1}"
            )
            yield Problem(f"{path}.timeoutSeconds", rule, mend, probes.timeout_seconds)
        if probes.type == "http" and probes.liveness_path == probes.readiness_path:
            rule = "must not be the readiness path: a pod that is only busy would be restarted"
            yield Problem(f"{path}.livenessPath", rule, "for example /actuator/health/liveness", probes.liveness_path)
        management = stated_property(settings, name, "management.server.port")
        listening = {str(service.port), management}
        for key, port in (("probes.port", probes.port), ("metrics.port", service.metrics and service.metrics.port)):
            if port is not None and str(port) not in listening:
                rule = f"must be a port that the service opens: {service.port}, or its management.server.port"
                mend = f"leave it out, or state --management.server.port={port} under services.{name}.programParams"
                yield Problem(f"services.{name}.{key}", rule, mend, port)
