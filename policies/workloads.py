"""Rules of Deployments and CronJobs: how they roll out, fail, end and are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.pod import WORKLOADS, containers, pod_of, template_of
from policies.rule import MUST, SHOULD, Object, Objects, Rule, metadata, spec

_LABELS = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"
_DEPLOYMENT = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"
_PROBES = "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"
_CRON_JOB = "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"
_BUDGET = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/"
_ACCOUNT = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"
_HISTORY = range(3, 11)
_TWO = 2


def _selects(selector: Mapping[str, Any] | None, each: Object) -> bool:
    labels = metadata(template_of(each)).get("labels") or {}
    return bool(selector) and (selector or {}).items() <= labels.items()


def _replicas(each: Object, every: Objects) -> int:
    """The fewest replicas: as stated, or as the autoscaler's lower bound."""
    for scaler in every.beside(each, "HorizontalPodAutoscaler"):
        target = spec(scaler).get("scaleTargetRef") or {}
        if target.get("kind") == each.get("kind") and target.get("name") == metadata(each).get("name"):
            return int(spec(scaler).get("minReplicas", 1))
    return int(spec(each).get("replicas", 1))


def _two_replicas(each: Object, every: Objects) -> Iterator[str]:
    if _replicas(each, every) < _TWO:
        yield "has one replica"


def _budget(each: Object, every: Objects) -> Iterator[str]:
    replicas = _replicas(each, every)
    if replicas < _TWO:
        return
    for budget in every.beside(each, "PodDisruptionBudget"):
        selector = (spec(budget).get("selector") or {}).get("matchLabels")
        if _selects(selector, each):
            if spec(budget).get("maxUnavailable") in (0, "0%") or spec(budget).get("minAvailable") in (
                replicas,
                "100%",
            ):
                yield f"its PodDisruptionBudget {metadata(budget).get('name')} never lets a pod go"
            return
    yield "has no PodDisruptionBudget"


def _spread(each: Object, every: Objects) -> Iterator[str]:
    keys = {spread.get("topologyKey") for spread in pod_of(each).get("topologySpreadConstraints") or ()}
    if _replicas(each, every) >= _TWO and not keys and not pod_of(each).get("affinity"):
        yield "its replicas may all be on one node"


def _no_gap(each: Object, _every: Objects) -> Iterator[str]:
    strategy = spec(each).get("strategy") or {}
    if strategy.get("type") != "RollingUpdate" or (strategy.get("rollingUpdate") or {}).get("maxUnavailable") != 0:
        yield "takes pods away before new ones are ready"


def _history(each: Object, _every: Objects) -> Iterator[str]:
    if spec(each).get("revisionHistoryLimit", 10) not in _HISTORY:
        yield f"keeps {spec(each)['revisionHistoryLimit']} revisions, not 3 to 10"


def _probes(each: Object, _every: Objects) -> Iterator[str]:
    if not any(container.get("readinessProbe") for container in pod_of(each).get("containers") or ()):
        yield "no container has a readiness probe"
    for name, container in containers(each):
        ready, alive = container.get("readinessProbe"), container.get("livenessProbe")
        asked = [{key: probe.get(key) for key in ("httpGet", "exec")} for probe in (ready, alive) if probe]
        if len(asked) == _TWO and asked[0] == asked[1] and any(asked[0].values()):
            yield f"container {name}: is restarted by the very answer that only takes it out of traffic"


def _stop(each: Object, _every: Objects) -> Iterator[str]:
    grace = int(pod_of(each).get("terminationGracePeriodSeconds", 30))
    for name, container in containers(each):
        sleep = ((container.get("lifecycle") or {}).get("preStop") or {}).get("sleep") or {}
        if int(sleep.get("seconds", 0)) >= grace:
            yield f"container {name}: waits {sleep['seconds']} s of the {grace} s that it has to end"


def _selector(each: Object, _every: Objects) -> Iterator[str]:
    selector = (spec(each).get("selector") or {}).get("matchLabels")
    if not _selects(selector, each):
        yield "does not select its own pods"


def _labels(each: Object, _every: Objects) -> Iterator[str]:
    for label in ("app.kubernetes.io/name", "app.kubernetes.io/instance"):
        if label not in (metadata(each).get("labels") or {}):
            yield f"has no label {label}"


def _namespace(each: Object, _every: Objects) -> Iterator[str]:
    namespace = metadata(each).get("namespace")
    if namespace in (None, "default", "kube-public", "kube-node-lease"):
        yield f"is in the namespace {namespace or 'default'}"


def _account(each: Object, _every: Objects) -> Iterator[str]:
    if pod_of(each).get("serviceAccountName") in (None, "default"):
        yield "runs as the ServiceAccount default"


def _token(each: Object, every: Objects) -> Iterator[str]:
    pod = pod_of(each)
    if pod.get("automountServiceAccountToken") is False:
        return
    for binding in every.of("RoleBinding", "ClusterRoleBinding"):
        names = [subject.get("name") for subject in binding.get("subjects") or ()]
        if pod.get("serviceAccountName") in names:
            return
    yield "has a token of the API server, and no rights there"


def _cron_job(each: Object, _every: Objects) -> Iterator[str]:
    stated = spec(each)
    job = (stated.get("jobTemplate") or {}).get("spec") or {}
    for key in ("startingDeadlineSeconds", "timeZone"):
        if key not in stated:
            yield f"has no {key}"
    if stated.get("concurrencyPolicy") not in ("Forbid", "Replace"):
        yield "may run twice at a time"
    if "activeDeadlineSeconds" not in job:
        yield "may run forever"
    if pod_of(each).get("restartPolicy") not in ("Never", "OnFailure"):
        yield "is started again when it is done"


_SERVICE = "take out what the patch says otherwise"

RULES = (
    Rule("two-replicas", SHOULD, ("Deployment",), "is gone while its only pod moves",
         "replicas: 2 of the service", _DEPLOYMENT, _two_replicas, whole=True),
    Rule("disruption-budget", SHOULD, ("Deployment",), "could lose every pod at once when nodes are drained, or keep "
         "them from being drained", "disruptionBudget of the service", _BUDGET, _budget, whole=True),
    Rule("spread", SHOULD, ("Deployment",), "is gone with one node", "spread of the service",
         "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/", _spread, whole=True),
    Rule("rollout-without-gap", MUST, ("Deployment",), "answers less than it should in each rollout", _SERVICE,
         _DEPLOYMENT, _no_gap),
    Rule("revision-history", SHOULD, ("Deployment",), "cannot be rolled back, or leaves many ReplicaSets", _SERVICE,
         _DEPLOYMENT, _history),
    Rule("probes", MUST, ("Deployment",), "gets requests before it can answer, or restarts when it should only wait",
         "probes of the service", _PROBES, _probes),
    Rule("time-to-end", MUST, ("Deployment",), "is killed before it has drained", "registration.graceSeconds",
         "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination", _stop),
    Rule("selector", MUST, ("Deployment",), "is refused by the API server, or takes over other pods", _SERVICE,
         _DEPLOYMENT, _selector),
    Rule("labels", SHOULD, WORKLOADS, "cannot be found by name and environment", _SERVICE, _LABELS, _labels),
    Rule("own-namespace", MUST, (*WORKLOADS, "Service", "Ingress", "Secret", "ConfigMap", "ServiceAccount"),
         "shares names, rights and limits with everything else", "environment.namespace",
         "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/", _namespace),
    Rule("own-account", MUST, WORKLOADS, "has the rights that anybody gave to default", _SERVICE, _ACCOUNT, _account),
    Rule("no-idle-token", MUST, WORKLOADS, "hands an identity of the cluster to whoever breaks in", _SERVICE, _ACCOUNT,
         _token, whole=True),
    Rule("bounded-job", MUST, ("CronJob",), "piles up, hangs, or runs at another hour", "logRetention", _CRON_JOB,
         _cron_job),
)  # fmt: skip
