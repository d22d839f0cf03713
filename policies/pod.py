"""The pods in objects, and the containers in pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.rule import Object

WORKLOADS = ("Deployment", "CronJob", "Job", "StatefulSet", "DaemonSet", "Pod")


def template_of(each: Object) -> Mapping[str, Any]:
    """The pod template of a workload; a Pod is its own."""
    if each.get("kind") == "Pod":
        return each
    spec = each.get("spec") or {}
    if each.get("kind") == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return spec.get("template") or {}


def pod_of(each: Object) -> Mapping[str, Any]:
    """The pod's spec."""
    return template_of(each).get("spec") or {}


def containers(each: Object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every container with its name, init containers and sidecars too."""
    pod = pod_of(each)
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for container in pod.get(key) or ():
            yield str(container.get("name")), container


def security(container: Mapping[str, Any]) -> Mapping[str, Any]:
    """A container's securityContext."""
    return container.get("securityContext") or {}


def handlers(container: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Probes and life cycle hooks by name."""
    life_cycle = container.get("lifecycle") or {}
    named = {key: container.get(key) for key in ("startupProbe", "readinessProbe", "livenessProbe")} | life_cycle
    for name, handler in named.items():
        if isinstance(handler, Mapping):
            yield name, handler
