"""How long a rolling restart takes: batches of new pods, each of which starts and stays Ready for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

_PERIOD = 10
_FAILURES = 3
"""Kubernetes' own defaults of a probe.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe
"""


@dataclass(frozen=True)
class Rollout:
    """An estimate. Pulling an image and waiting for a node come on top of it."""

    pods: int | None
    """How many pods are replaced; None where the preview does not say it, and the seconds are those of one batch."""
    batches: int
    """How often new pods are waited for; `maxSurge` and `maxUnavailable` of them are made at once."""
    least: int
    """Seconds if each pod is Ready at once: `minReadySeconds` a batch."""
    most: int
    """Seconds if each pod takes all that its startup probe gives it; what takes longer is restarted."""
    drain: int
    """Seconds that the last old pod may take to end, beside the new ones: `terminationGracePeriodSeconds`."""

    def __str__(self) -> str:
        """In words."""
        time = f"{_time(self.least)} to {_time(self.most)}"
        if self.pods is None:
            return f"{time} for each pod"
        steps = f"{self.batches} step{'' if self.batches == 1 else 's'}"
        return f"{self.pods} pod{'' if self.pods == 1 else 's'} in {steps}, {time}"


def rollout(deployment: Mapping[str, Any], pods: int | None) -> Rollout:
    """Estimate the rolling restart of a Deployment.

    Args:
        deployment: the new object.
        pods: how many it runs; None where nobody says it.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
    """
    spec = deployment.get("spec") or {}
    strategy = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    count = 1 if pods is None else pods
    at_once = surge(spec, count) + _share(strategy.get("maxUnavailable", "25%"), count, floor)
    batches = ceil(count / max(at_once, 1))
    ready = int(spec.get("minReadySeconds") or 0)
    template = (spec.get("template") or {}).get("spec") or {}
    start = max((_start(each) for each in template.get("containers") or ()), default=0)
    grace = int(template.get("terminationGracePeriodSeconds") or 30)
    return Rollout(pods, batches, batches * ready, batches * (start + ready), grace)


def surge(spec: Mapping[str, Any], pods: int) -> int:
    """How many pods a rollout of a Deployment's specification has beside its usual ones."""
    strategy = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    return _share(strategy.get("maxSurge", "25%"), pods, ceil)


def _start(container: Mapping[str, Any]) -> int:
    probe = container.get("startupProbe") or container.get("readinessProbe")
    if not probe:
        return 0
    times = int(probe.get("failureThreshold") or _FAILURES)
    return int(probe.get("initialDelaySeconds") or 0) + times * int(probe.get("periodSeconds") or _PERIOD)


def _share(stated: object, pods: int, rounded: Any) -> int:  # noqa: ANN401 - ceil or floor, which have no common type
    if isinstance(stated, str) and stated.endswith("%"):
        return int(rounded(pods * float(stated[:-1]) / 100))
    return int(str(stated).partition(".")[0])


def _time(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return " ".join([*([f"{minutes} min"] if minutes else []), *([f"{rest} s"] if rest or not minutes else [])])
