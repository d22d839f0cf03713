"""How far a service is, and what keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adopt.snapshot import Object
from components.manifests.deployment import deployment_name
from config import StackSettings
from diagnosis.observed import Observed
from diagnosis.pod import Trouble, condition, trouble
from diagnosis.problem import Problem, likely

_REVISION = "deployment.kubernetes.io/revision"
_LONGEST_SAID = 1000


@dataclass(frozen=True)
class Finding:
    """Something that keeps a service from being ready, and the pods that it keeps."""

    service: str
    problem: Problem
    pods: tuple[str, ...]
    """The pods; none where there are none."""
    since: str
    """Since when, as RFC 3339; empty if nothing says."""
    said: str
    """What Kubernetes says."""
    exit: str
    """How the container ended; empty if it did not."""
    cause: str
    """The likely cause."""
    mend: str
    """What to do."""
    container: str = ""
    """Whose last lines tell more."""
    previous: bool = False
    """Whether those of the container before."""
    lines: tuple[str, ...] = ()
    """Its last lines."""

    def lasts(self, now: datetime) -> bool:
        """Whether it has stood for longer than such a thing needs to mend itself."""
        if not self.since:
            return False
        return (now - datetime.fromisoformat(self.since)).total_seconds() >= self.problem.patience


@dataclass(frozen=True)
class Service:
    """How far a service is."""

    name: str
    ready: int = 0
    """Pods of the newest version that serve."""
    wanted: int = 0
    """Pods that there are to be."""
    old: int = 0
    """Pods of older versions that are still there."""
    done: bool = False
    """Whether all is as it is to be."""
    findings: tuple[Finding, ...] = field(default=())
    """What keeps it."""

    @property
    def state(self) -> str:
        """In a few words."""
        if self.done:
            return "ready"
        if self.findings:
            return "; ".join(dict.fromkeys(each.problem.title for each in self.findings))
        return (
            f"{self.old} old pods still there"
            if self.wanted and self.ready >= self.wanted and self.old
            else "coming up"
        )


def diagnose(settings: StackSettings, observed: Observed, services: Iterable[str]) -> list[Service]:
    """How far services are, from what the API server has.

    Args:
        settings: the stack's settings.
        observed: its namespace.
        services: names of services.
    """
    return [_Reading(settings, observed, name).service() for name in services]


class _Reading:
    def __init__(self, settings: StackSettings, observed: Observed, name: str) -> None:
        self._observed, self._name = observed, name
        self._deployment_name = deployment_name(settings, name)
        self._names = {
            "stack": settings.stack,
            "service": name,
            "deployment": self._deployment_name,
            "in_namespace": f"-n {settings.namespace}",
        }

    def service(self) -> Service:
        live = self._observed.deployments.get(self._deployment_name)
        if live is None:
            return Service(self._name, findings=(self._finding(Trouble(Problem.MISSING, "", "")),))
        spec, status = live["spec"], live.get("status") or {}
        wanted = int(spec.get("replicas", 1))
        updated, available = int(status.get("updatedReplicas", 0)), int(status.get("availableReplicas", 0))
        seen = status.get("observedGeneration", 0) >= live["metadata"]["generation"]
        pods = list(self._pods(live)) if seen else []
        old = int(status.get("replicas", 0)) - updated
        done = seen and updated >= wanted and old <= 0 and available >= updated
        ready = sum(condition(pod, "Ready").get("status") == "True" for pod in pods)
        findings = () if done or not seen else tuple(self._findings(live, pods))
        return Service(self._name, ready, wanted, max(old, 0), done, findings)

    def _pods(self, live: Object) -> Iterator[Object]:
        """Those of the newest version."""
        revision = (live["metadata"].get("annotations") or {}).get(_REVISION)
        newest = {
            each["metadata"]["uid"]
            for each in self._observed.replica_sets
            if _owned_by(each, {live["metadata"]["uid"]})
            and (each["metadata"].get("annotations") or {}).get(_REVISION) == revision
        }
        for pod in self._observed.pods:
            if _owned_by(pod, newest) and "deletionTimestamp" not in pod["metadata"]:
                yield pod

    def _findings(self, live: Object, pods: list[Object]) -> Iterator[Finding]:
        if live["spec"].get("paused"):
            yield self._finding(Trouble(Problem.PAUSED, "", "spec.paused is true"))
        failure = condition(live, "ReplicaFailure")
        if failure.get("status") == "True":
            since = str(failure.get("lastTransitionTime", ""))
            yield self._finding(Trouble(Problem.REFUSED, since, f"{failure.get('reason')}: {failure.get('message')}"))
        found: dict[tuple[Problem, str], list[tuple[str, Trouble]]] = {}
        for pod in sorted(pods, key=lambda each: str(each["metadata"]["name"])):
            if one := trouble(pod, self._observed):
                found.setdefault((one.problem, one.container), []).append((pod["metadata"]["name"], one))
        for same in found.values():
            yield self._finding(min((one for _, one in same), key=lambda each: each.since), [pod for pod, _ in same])
        progress = condition(live, "Progressing")
        late = progress.get("status") == "False" and progress.get("reason") == "ProgressDeadlineExceeded"
        if late and not found and failure.get("status") != "True":
            since = str(progress.get("lastTransitionTime", ""))
            yield self._finding(Trouble(Problem.LATE, since, str(progress.get("message", ""))))

    def _finding(self, found: Trouble, pods: Iterable[str] = ()) -> Finding:
        named = tuple(pods)
        names: Mapping[str, str] = {
            **self._names,
            "pod": named[0] if named else "",
            "claim": found.claim,
        }
        said = f"{found.said} {found.exit}" if found.exit else found.said
        cause, mend = likely(found.problem, said, names)
        text = found.said.strip()
        shown = text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}…"
        return Finding(
            self._name,
            found.problem,
            named,
            found.since,
            shown,
            found.exit,
            cause,
            mend,
            found.container,
            found.previous,
        )


def _owned_by(stated: Object, uids: set[str]) -> bool:
    return any(owner["uid"] in uids for owner in stated["metadata"].get("ownerReferences") or ())


def failed(services: Iterable[Service], now: datetime | None = None) -> bool:
    """Whether something stands in the way for so long that waiting helps no more."""
    moment = now or datetime.now(UTC)
    return any(finding.lasts(moment) for service in services for finding in service.findings)
