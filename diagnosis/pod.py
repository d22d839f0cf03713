"""What keeps one pod from being Ready."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adopt.snapshot import Object
from diagnosis.observed import Observed, began, moment
from diagnosis.problem import Problem

_PULL = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
_CREATE = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_MOUNT = ("FailedMount", "FailedAttachVolume")
_CLAIM = re.compile(r"persistentvolumeclaim \"(?P<claim>[^\"]+)\"|unbound immediate PersistentVolumeClaims")
_AGAIN = 2
"""Restarts from which on a container that runs just now is expected to end once more."""
_PROBED = re.compile(r"failed (?:liveness|startup) probe")


@dataclass(frozen=True)
class Trouble:
    """Why a pod is not Ready.

    Attributes:
        problem: The kind.
        since: Since when, as RFC 3339; empty if nothing says.
        said: What Kubernetes says.
        exit: How the container ended; empty if it did not.
        container: Whose last lines tell more; empty if nobody's.
        previous: Whether those of the container before.
        claim: The claim that it is about.
    """

    problem: Problem
    since: str
    said: str
    exit: str = ""
    container: str = ""
    previous: bool = False
    claim: str = ""


def trouble(pod: Object, observed: Observed) -> Trouble | None:
    """Why a pod is not Ready; None if it is, or is about to be as far as anything says."""
    if condition(pod, "Ready").get("status") == "True":
        return None
    for found in (_unscheduled(pod, observed), _waiting(pod, observed), _ended(pod, observed), _probed(pod, observed)):
        if found:
            return found
    return _gated(pod)


def condition(stated: Object, kind: str) -> Object:
    """A condition of an object; empty if it has none."""
    conditions = (stated.get("status") or {}).get("conditions") or ()
    return next((each for each in conditions if each["type"] == kind), {})


def _statuses(pod: Object) -> list[Object]:
    """Those of the init containers, in the order in which they hold up the others, and those of the containers."""
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def _unscheduled(pod: Object, observed: Observed) -> Trouble | None:
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") != "False":
        return None
    said, since = str(scheduled.get("message", "")), str(scheduled.get("lastTransitionTime", ""))
    match = _CLAIM.search(said)
    if not match:
        return Trouble(Problem.NODE, since, f"FailedScheduling: {said}")
    names = [match["claim"]] if match["claim"] else list(_claims(pod))
    for name in names:
        claim = observed.claims.get(name)
        phase = ((claim or {}).get("status") or {}).get("phase")
        if claim is None or phase != "Bound":
            event = (
                next(observed.about(claim, "FailedBinding", "ProvisioningFailed", "VolumeMismatch"), {})
                if claim
                else {}
            )
            told = f"{event['reason']}: {event['message']}" if event else said
            state = f"{name} is {phase}. " if claim else ""
            return Trouble(Problem.CLAIM, since, f"{state}{told}", claim=name)
    return Trouble(Problem.CLAIM, since, said, claim=", ".join(names))


def _claims(pod: Object) -> Iterator[str]:
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            yield str(volume["persistentVolumeClaim"]["claimName"])


def _waiting(pod: Object, observed: Observed) -> Trouble | None:
    created = str(pod["metadata"].get("creationTimestamp", ""))
    for status in _statuses(pod):
        waiting = status["state"].get("waiting") or {}
        reason, said = str(waiting.get("reason", "")), str(waiting.get("message", ""))
        if reason in _PULL:
            failed = next((each for each in observed.about(pod, "Failed") if "pull" in each["message"]), None)
            since = began(failed) if failed else created
            told = str(failed["message"]) if failed and "ailed to pull" in failed["message"] else said
            return Trouble(Problem.IMAGE, since, f"{reason}: {told}")
        if reason in _CREATE:
            failed = next(observed.about(pod, "Failed"), None)
            return Trouble(Problem.CONTAINER, began(failed) if failed else created, f"{reason}: {said}")
        if reason in ("ContainerCreating", "PodInitializing"):
            for reasons, problem in ((_MOUNT, Problem.MOUNT), (("FailedCreatePodSandBox",), Problem.NETWORK)):
                if event := next(observed.about(pod, *reasons), None):
                    return Trouble(problem, began(event), f"{event['reason']}: {event['message']}")
    return None


def _ended(pod: Object, observed: Observed) -> Trouble | None:
    for status in reversed(_statuses(pod)):  # a sidecar waits for the service
        ended = status["state"].get("terminated") or (status.get("lastState") or {}).get("terminated")
        running = "running" in status["state"]
        settled = status.get("ready") or (running and status["restartCount"] < _AGAIN)
        done = ended and ended.get("exitCode") == 0 and status["name"] in _once(pod)
        if not ended or settled or done:
            continue
        name, restarts = status["name"], status["restartCount"]
        why = f"exit code {ended['exitCode']}" if not ended.get("signal") else f"signal {ended['signal']}"
        reason = ended.get("reason", "")
        how = f"{why}{f' ({reason})' if reason not in ('', 'Error', 'Completed') else ''}, restarts: {restarts}"
        said = f"{name} ended at {ended.get('finishedAt')}"
        if message := str(ended.get("message") or "").strip():
            said += f": {message}"
        since = [str(condition(pod, "ContainersReady").get("lastTransitionTime") or ended.get("startedAt") or "")]
        since += [began(each) for each in observed.about(pod, "BackOff")]  # without probes it is Ready in between
        killed = next((each for each in observed.about(pod, "Killing") if _PROBED.search(each["message"])), None)
        if killed and moment(killed) >= str(ended.get("startedAt", "")):
            probed = next(observed.about(pod, "Unhealthy"), killed)
            return Trouble(Problem.RESTART, began(probed), str(probed["message"]), how, name, previous=running)
        return Trouble(Problem.CRASH, min(since), said, how, name, previous=running)
    return None


def _once(pod: Object) -> set[str]:
    """The init containers that run to their end."""
    inits = pod["spec"].get("initContainers") or ()
    return {each["name"] for each in inits if each.get("restartPolicy") != "Always"}


def _probed(pod: Object, observed: Observed) -> Trouble | None:
    for status in reversed(_statuses(pod)):  # see above
        if "running" not in status["state"] or status.get("ready"):
            continue
        for event in observed.about(pod, "Unhealthy"):
            path = str(event["involvedObject"].get("fieldPath", ""))
            if f"{{{status['name']}}}" in path or not path:
                since = str(condition(pod, "ContainersReady").get("lastTransitionTime") or began(event))
                return Trouble(Problem.PROBE, since, str(event["message"]), container=status["name"])
    return None


def _gated(pod: Object) -> Trouble | None:
    ready = condition(pod, "ContainersReady")
    if ready.get("status") != "True":
        return None
    closed = []
    for gate in pod["spec"].get("readinessGates") or ():
        name = gate["conditionType"]
        met = condition(pod, name)
        if met.get("status") != "True":
            state = f"{met.get('status')} {met.get('reason', '')} {met.get('message', '')}" if met else "not set"
            closed.append(f"{name}: {' '.join(state.split())}")
    if not closed:
        return None
    return Trouble(Problem.GATE, str(ready.get("lastTransitionTime", "")), "; ".join(closed))
