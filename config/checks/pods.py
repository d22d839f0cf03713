"""The containers that a stack's pods are made of, and how many pods there may be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.log_retention import JOB_LIMITS, JOB_NAME, JOB_REQUESTS
from config.registration import SIDECAR_LIMITS, SIDECAR_REQUESTS
from config.stack import StackSettings


@dataclass(frozen=True)
class Container:
    """One container of a pod, with what it asks for in Kubernetes' own words."""

    pod: str
    """The service's name, or the job's."""
    name: str
    """What the container is called in reports."""
    requests: Mapping[str, str]
    """Requests by resource name."""
    limits: Mapping[str, str]
    """Limits by resource name; a resource without a limit is absent."""

    def path(self, kind: str, resource: str, other: str) -> str:
        """Where the value is stated; the rule's own place where the container has a fixed size."""
        return (
            f"{self.name}.resources.{kind}.{resource}" if self.name.startswith("services.") else f"{other}.{resource}"
        )


def containers(settings: StackSettings) -> Iterator[Container]:
    """Every container of the stack, once for all replicas of its pod."""
    for name, service in settings.services.items():
        requests, limits = service.resources.requests, service.resources.limits
        asked = {
            "cpu": requests.cpu,
            "memory": service.resources.memory_request,
            "ephemeral-storage": requests.ephemeral_storage,
        }
        most = {"memory": limits.memory, "ephemeral-storage": limits.ephemeral_storage}
        if limits.cpu is not None:
            most["cpu"] = limits.cpu
        yield Container(name, f"services.{name}", asked, most)
        if settings.registration_mode(name) == "sidecar":
            yield Container(name, f"registration sidecar of {name}", SIDECAR_REQUESTS, SIDECAR_LIMITS)
    if settings.log_retention is not None:
        yield Container(JOB_NAME, "log retention", JOB_REQUESTS, JOB_LIMITS)


def most_pods(settings: StackSettings, pod: str) -> int:
    """The most pods at one time: all replicas, and the one more that a rollout starts first."""
    if pod not in settings.services:
        return 1
    replicas = settings.services[pod].most_replicas
    return replicas + 1 if replicas else 0
