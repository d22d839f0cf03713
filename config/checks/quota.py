"""The ResourceQuota against everything that the stack would run at one time."""

from collections.abc import Iterator
from fractions import Fraction

from config import quantity
from config.checks.objects import shares
from config.checks.pods import containers, most_pods
from config.checks.table import table
from config.environment import OwnedLimitRange, OwnedQuota
from config.errors import Problem, did_you_mean
from config.files import show_path
from config.stack import StackSettings

_ALIASES = {"cpu": "requests.cpu", "memory": "requests.memory", "ephemeral-storage": "requests.ephemeral-storage"}
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNTS = (
    "pods",
    "services",
    "services.loadbalancers",
    "services.nodeports",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "replicationcontrollers",
    "resourcequotas",
    "requests.storage",
    "count/cronjobs.batch",
    "count/deployments.apps",
    "count/horizontalpodautoscalers.autoscaling",
    "count/ingresses.networking.k8s.io",
    "count/jobs.batch",
    "count/persistentvolumeclaims",
    "count/poddisruptionbudgets.policy",
    "count/pods",
    "count/replicasets.apps",
    "count/services",
    "count/statefulsets.apps",
)
KNOWN = (
    *_ALIASES,
    *(f"{kind}.{resource}" for kind in ("requests", "limits") for resource in _COMPUTE),
    *_COUNTS,
)
"""Resource names of a ResourceQuota. Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/"""
_PODS = ("pods", "count/pods")
_FEWER = ", or fewer replicas"


def check(settings: StackSettings) -> Iterator[Problem]:
    """Quotas that the stack's own pods would exceed, and resources that a pod must state but does not."""
    quota = settings.environment.quota
    if not isinstance(quota, OwnedQuota):
        return
    for resource, hard in quota.hard.items():
        path = show_path(("environment", "quota", "hard", resource))
        name = _ALIASES.get(resource, resource)
        if resource not in KNOWN:
            yield Problem(path, "must be a resource of a ResourceQuota", did_you_mean(resource, KNOWN), hard)
        elif name.startswith(("requests.", "limits.")) and name != "requests.storage":
            yield from _compute(settings, name, path, hard)
        else:
            yield from _count(settings, name, path, hard)


def _compute(settings: StackSettings, resource: str, path: str, hard: str) -> Iterator[Problem]:
    kind, _, what = resource.partition(".")
    amounts: dict[str, Fraction] = {}
    for container in containers(settings):
        amount = (container.requests if kind == "requests" else container.limits).get(what) or _default(settings, what)
        if amount is None:
            where = container.path(kind, what, path)
            rule = f"must be set: the quota has {resource}, so a pod without it is refused"
            mend = f'for example {what}: "2", or environment.limitRange.default.{what}, or no {resource} in the quota'
            yield Problem(where, rule, mend)
            return
        pods = most_pods(settings, container.pod)
        amounts[container.pod] = amounts.get(container.pod, Fraction(0)) + pods * quantity.parse(amount)
    show = quantity.show_cpu if what == "cpu" else quantity.show_memory
    needed = sum(amounts.values(), Fraction(0))
    if needed > quantity.parse(hard):
        shown = {name: show(each) for name, each in amounts.items()}
        rows = table(amounts, shown=shown, total=show(needed), notes=_pods(settings))
        rule = f"must hold every replica, one more of each service during a rollout, and the jobs:{rows}"
        yield Problem(path, rule, f"{resource}: {show(needed)} at least{_FEWER}", hard)


def _default(settings: StackSettings, resource: str) -> str | None:
    """What a LimitRange fills in where a container has no limit; nothing is known about a given one: ``"0"``."""
    limit_range = settings.environment.limit_range
    if limit_range is None:
        return None
    return limit_range.default_limit(resource) if isinstance(limit_range, OwnedLimitRange) else "0"


def _count(settings: StackSettings, resource: str, path: str, hard: str) -> Iterator[Problem]:
    counted = {name: Fraction(count) for name, count in shares(settings).get(resource, {}).items()}
    needed = sum(counted.values(), Fraction(0))
    if resource != "requests.storage" and quantity.parse(hard).denominator != 1:
        yield Problem(path, "must be a whole number: objects are counted", f'{resource}: "{needed or 1}"', hard)
    if needed > quantity.parse(hard):
        show = quantity.show_memory if resource == "requests.storage" else str
        shown = {name: show(count) for name, count in counted.items()}
        notes = _pods(settings) if resource in _PODS else None
        rows = table(counted, shown=shown, total=show(needed), notes=notes)
        rule = f"must hold everything that the stack creates:{rows}"
        yield Problem(path, rule, f'{resource}: "{show(needed)}" at least{_FEWER if resource in _PODS else ""}', hard)


def _pods(settings: StackSettings) -> dict[str, str]:
    """How many pods of each service are counted."""
    replicas = {name: service.most_replicas for name, service in settings.services.items()}
    return {name: f"{most} + 1 pods" if most else "no pods" for name, most in replicas.items()}
