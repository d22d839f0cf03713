"""What a stack uses of a ResourceQuota, counted from its objects and from the pods that the server made of them.

Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from components.manifests.metadata import Manifest
from config import quantity
from tests.cluster.api import Object

KINDS = {
    "services": "Service",
    "secrets": "Secret",
    "configmaps": "ConfigMap",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "count/services": "Service",
    "count/persistentvolumeclaims": "PersistentVolumeClaim",
    "count/cronjobs.batch": "CronJob",
    "count/deployments.apps": "Deployment",
    "count/ingresses.networking.k8s.io": "Ingress",
    "count/horizontalpodautoscalers.autoscaling": "HorizontalPodAutoscaler",
    "count/poddisruptionbudgets.policy": "PodDisruptionBudget",
    "count/replicasets.apps": "ReplicaSet",
    "count/jobs.batch": "Job",
    "pods": "Pod",
    "count/pods": "Pod",
}
"""Resources of a quota that count objects, and the kind that they count."""
_COMPUTE = tuple((kind, what) for kind in ("requests", "limits") for what in ("cpu", "memory", "ephemeral-storage"))

Usage = dict[str, Fraction]
"""Amounts by resource of a quota; none that is zero."""


def most(objects: Sequence[Manifest], pods: Mapping[str, Object]) -> Usage:
    """What a stack uses at its most; a resource that some pod does not state is left out.

    Args:
        objects: all of the stack's objects.
        pods: a pod of each Deployment and CronJob, by `Deployment/name`, as the server completed it.
    """
    running = {name: running_pods(objects, *name.split("/")) for name in pods}
    jobs, deployments = _all(objects, "CronJob"), _all(objects, "Deployment")
    finished = sum(each["spec"]["successfulJobsHistoryLimit"] + each["spec"]["failedJobsHistoryLimit"] for each in jobs)
    kinds = Counter(each["kind"] for each in objects)
    # What `kubectl rollout undo` may want, the one that runs, and the one that replaces it.
    kinds["ReplicaSet"] = sum(each["spec"]["revisionHistoryLimit"] + 2 for each in deployments)
    kinds["Job"] = finished + len(jobs)
    kinds["Pod"] = sum(running.values())
    # A ConfigMap is named by its content: a changed one is there beside the old one until the run ends.
    kinds["ConfigMap"] *= 2
    used = {resource: Fraction(kinds[kind]) for resource, kind in KINDS.items()}
    used["configmaps"] += 1  # the certificate authority, which every namespace has
    used["count/pods"] += finished
    used |= _declared(objects)
    for kind, what in _COMPUTE:
        amounts = {name: _amount(pod, kind, what) for name, pod in pods.items()}
        if None not in amounts.values():
            used[f"{kind}.{what}"] = sum(
                (amount * running[name] for name, amount in amounts.items() if amount is not None), Fraction(0)
            )
    return {resource: amount for resource, amount in used.items() if amount}


def alone(objects: Sequence[Manifest], pod: Object | None) -> Usage:
    """What a namespace uses that has only these objects, and what every namespace has.

    Args:
        objects: the objects, one pod at most among them.
        pod: that pod, as the server completed it.
    """
    kinds = Counter(each["kind"] for each in objects)
    used = {resource: Fraction(kinds[kind]) for resource, kind in KINDS.items()}
    used["configmaps"] += 1
    used |= _declared(objects)
    for kind, what in _COMPUTE:
        used[f"{kind}.{what}"] = (_amount(pod, kind, what) if pod else None) or Fraction(0)
    return {resource: amount for resource, amount in used.items() if amount}


def running_pods(objects: Sequence[Manifest], kind: str, name: str) -> int:
    """The most pods of a Deployment or CronJob at one time: all replicas and a rollout's surge, or one run."""
    if kind == "CronJob":
        return 1
    [stated] = [each["spec"] for each in _all(objects, "Deployment") if each["metadata"]["name"] == name]
    scaled = [
        each["spec"]["maxReplicas"]
        for each in _all(objects, "HorizontalPodAutoscaler")
        if each["spec"]["scaleTargetRef"]["name"] == name
    ]
    replicas: int = scaled[0] if scaled else stated["replicas"]
    surge: int = stated["strategy"]["rollingUpdate"]["maxSurge"]
    return replicas + surge if replicas else 0


def _declared(objects: Sequence[Manifest]) -> Usage:
    """What Services and claims say that they use."""
    services, claims = _all(objects, "Service"), _all(objects, "PersistentVolumeClaim")
    ports = sum(len(each["spec"]["ports"]) for each in services if each["spec"]["type"] == "NodePort")
    storage = [quantity.parse(each["spec"]["resources"]["requests"]["storage"]) for each in claims]
    return {"services.nodeports": Fraction(ports), "requests.storage": sum(storage, Fraction(0))}


def _amount(pod: Object, kind: str, what: str) -> Fraction | None:
    """What a pod's containers ask for together, sidecars included; None where one does not say."""
    total = Fraction(0)
    for each in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
        stated = (each.get("resources") or {}).get(kind, {}).get(what)
        if stated is None:
            return None
        total += quantity.parse(stated)
    return total


def _all(objects: Sequence[Manifest], kind: str) -> list[Any]:
    return [each for each in objects if each["kind"] == kind]
