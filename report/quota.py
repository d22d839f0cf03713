"""How full the namespace's quota is when all runs that may run at one time, counted from the objects.

As the checks of the settings count it: every replica, one more of each service during a rollout, and the jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from components.manifests.demand import pod_demand
from config import quantity
from report.rollout import surge
from report.steps import Step

_COMPUTE = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True)
class QuotaUse:
    """How full one resource of the namespace's quota is, when all runs that may run at one time."""

    resource: str
    """The quota's own name: ``requests.memory``."""
    before: Fraction
    """The share before; 0 where there was no quota."""
    after: Fraction
    """The share after."""

    def __str__(self) -> str:
        """``61 % → 64 %``."""
        shares = dict.fromkeys(f"{round(share * 100)} %" for share in (self.before, self.after))
        return " → ".join(shares)


def quota_uses(steps: Sequence[Step]) -> tuple[QuotaUse, ...]:
    """How full each resource is before and after the steps, the fullest first."""
    before, after = quota_use(step.old for step in steps), quota_use(step.new for step in steps)
    uses = [QuotaUse(resource, before.get(resource, Fraction(0)), share) for resource, share in after.items()]
    return tuple(sorted(uses, key=lambda use: (-use.after, use.resource)))


def quota_use(objects: Iterable[Mapping[str, Any]]) -> dict[str, Fraction]:
    """The share of each compute resource and of the pods that the objects may use of their ResourceQuota.

    Args:
        objects: all Kubernetes objects of a stack, in wire format.

    Returns:
        By the quota's own names, such as ``requests.memory``; empty where the objects have no quota.
    """
    found = [each for each in objects if isinstance(each.get("metadata"), Mapping)]
    hard = {
        key: value for each in _of("ResourceQuota", found) for key, value in (each["spec"].get("hard") or {}).items()
    }
    defaults = [limit for each in _of("LimitRange", found) for limit in each["spec"].get("limits") or ()]
    pods = list(_pods(found))
    return {
        resource: used / most
        for resource, stated in sorted(hard.items())
        if (used := _used(resource, pods, defaults)) is not None and (most := quantity.parse(str(stated)))
    }


def _used(resource: str, pods: Sequence[tuple[int, Mapping[str, Any]]], defaults: Sequence[Any]) -> Fraction | None:
    if resource == "pods":
        return Fraction(sum(count for count, _ in pods))
    part, _, what = resource.partition(".")
    if part not in {"requests", "limits"} or what not in _COMPUTE:
        return None
    return sum((count * pod_demand(pod, part, what, defaults) for count, pod in pods), Fraction(0))


def _pods(objects: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The most pods of each workload at one time, and what is in one."""
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: int(each["spec"]["maxReplicas"])
        for each in _of("HorizontalPodAutoscaler", objects)
    }
    for each in _of("Deployment", objects):
        stated = each["spec"].get("replicas")
        replicas = scaled.get(each["metadata"]["name"], 1 if stated is None else int(stated))
        yield (replicas + surge(each["spec"], replicas) if replicas else 0), each["spec"]["template"]["spec"]
    for each in _of("CronJob", objects):
        yield 1, each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def _of(kind: str, objects: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (each for each in objects if each.get("kind") == kind)
