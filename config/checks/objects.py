"""What a quota counts beside CPU and memory: how many objects of a kind a stack has at one time, and whose they are."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from config import quantity
from config.checks.pods import most_pods
from config.environment import OwnedPullSecret
from config.log_retention import JOB_HISTORY, JOB_NAME
from config.nas import OwnedVolume
from config.service import Service
from config.stack import StackSettings

Shares = Mapping[str, int | Fraction]
"""Whose: the name of a service, of the job, or of an object of the environment. How many: a count, or bytes."""

_ROLLOUT = 2
"""ReplicaSets beside the kept ones: the one that runs, and the one that replaces it."""
_FINISHED = 2 * JOB_HISTORY
"""Runs of the job that stay to be read, of both outcomes."""


def shares(settings: StackSettings) -> dict[str, Shares]:
    """By resource of a ResourceQuota; a resource that is not there counts nothing that a stack makes.

    Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    """
    services, volume = settings.services, settings.nas.volume
    job = {} if settings.log_retention is None else {JOB_NAME: 1}
    pods = {name: most_pods(settings, name) for name in services}
    exposed = {name: 1 for name, each in services.items() if each.service is not None}
    claims = {settings.claim: 1} if isinstance(volume, OwnedVolume) else {}
    return {
        "pods": {**pods, **job},
        "count/pods": {**pods, **dict.fromkeys(job, 1 + _FINISHED)},
        "services": exposed,
        "count/services": exposed,
        "services.nodeports": exposed if settings.cluster.network == "flannel" else {},
        "configmaps": _config_maps(settings),
        "secrets": _secrets(settings),
        "persistentvolumeclaims": claims,
        "count/persistentvolumeclaims": claims,
        "requests.storage": {settings.claim: quantity.parse(volume.capacity)}
        if isinstance(volume, OwnedVolume)
        else {},
        "count/cronjobs.batch": job,
        "count/jobs.batch": dict.fromkeys(job, 1 + _FINISHED),
        "count/deployments.apps": dict.fromkeys(services, 1),
        "count/replicasets.apps": {name: each.revision_history + _ROLLOUT for name, each in services.items()},
        "count/ingresses.networking.k8s.io": {name: 1 for name, each in services.items() if each.ingress},
        "count/horizontalpodautoscalers.autoscaling": {name: 1 for name, each in services.items() if each.autoscaler},
        "count/poddisruptionbudgets.policy": {name: 1 for name, each in services.items() if _has_budget(each)},
    }


def _config_maps(settings: StackSettings) -> Shares:
    """A changed one is there beside the old one until the run ends, for it is named by its content."""
    found: Counter[str] = Counter({"kube-root-ca.crt": 1})  # in every namespace
    for name, service in settings.services.items():
        found[name] += 2 * bool(service.config_files) + 2 * (settings.registration_mode(name) != "none")
    found[JOB_NAME] += 2 * (settings.log_retention is not None)
    return {name: count for name, count in found.items() if count}


def _secrets(settings: StackSettings) -> Shares:
    pull_secret = settings.environment.pull_secret
    found = {pull_secret.name: 1} if isinstance(pull_secret, OwnedPullSecret) else {}
    if settings.nacos is not None and settings.nacos.auth is not None:
        found["nacos-credentials"] = 1
    return found


def _has_budget(service: Service) -> bool:
    return service.disruption_budget is not None and service.fewest_replicas >= 2  # noqa: PLR2004 -- one pod could never be evicted
