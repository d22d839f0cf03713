"""The pure part: what is said of objects, without a cluster. tests/node has the same of real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adopt.snapshot import Object
from diagnosis.observed import Observed
from diagnosis.problem import Problem, likely
from diagnosis.service import Service, diagnose, failed
from tests.settings import settings

NAMES = {"stack": "uat", "service": "study", "deployment": "study", "pod": "p", "claim": "c", "in_namespace": "-n uat"}
PULL = 'ErrImagePull: Failed to pull image "r/study:1": rpc error: code = Unknown desc = failed to resolve reference: '


@pytest.mark.parametrize(
    ("problem", "said", "cause"),
    [
        (Problem.IMAGE, PULL + "dial tcp: lookup r on 10.0.0.2:53: no such host", "does not reach the registry"),
        (Problem.IMAGE, PULL + "dial tcp 10.0.0.9:443: i/o timeout", "does not reach the registry"),
        (Problem.IMAGE, PULL + "unexpected status: 401 Unauthorized", "does not accept the login"),
        (Problem.IMAGE, PULL + "pull access denied, repository does not exist", "does not accept the login"),
        (Problem.IMAGE, PULL + "r/study:1: not found", "no such image"),
        (Problem.IMAGE, 'InvalidImageName: couldn\'t parse image name "r//1"', "its name is none of an image"),
        (Problem.IMAGE, PULL + "toomanyrequests", "cannot get it"),
        (Problem.CRASH, "study ended exit code 3, restarts: 1", "JVM that is out of memory"),
        (Problem.CRASH, "study ended exit code 78, restarts: 1", "heap does not fit"),
        (Problem.CRASH, "registration ended exit code 69, restarts: 1", "sidecar's image has no curl"),
        (Problem.CRASH, "study ended exit code 69, restarts: 1", "no java"),
        (Problem.CRASH, "study ended exit code 64, restarts: 1", "another profile"),
        (Problem.CRASH, "study ended exit code 137, restarts: 1", "killed from outside"),
        (Problem.CRASH, "study ended exit code 127, restarts: 1", "no such command"),
        (Problem.CRASH, "study ended exit code 30, restarts: 1", "gives up by itself"),
        (Problem.PROBE, "Readiness probe failed: HTTP probe failed with statuscode: 503", "something that it needs"),
        (Problem.PROBE, "Readiness probe failed: study is not in Nacos after 9 s", "not in Nacos"),
        (
            Problem.PROBE,
            "Readiness probe failed: study: Nacos does not tell for 9 s: 401",
            "does not answer the sidecar",
        ),
        (Problem.PROBE, "Readiness probe failed: HTTP probe failed with statuscode: 404", "no such path"),
        (Problem.PROBE, "Startup probe failed: context deadline exceeded (Client.Timeout)", "answers too late"),
        (Problem.MOUNT, "FailedMount: mount.nfs: Connection timed out", "does not reach the mount target"),
        (Problem.MOUNT, "FailedMount: mount.nfs: access denied by server", "does not let the node mount"),
        (Problem.CLAIM, "uat-nas is Lost. FailedBinding", "its volume is gone"),
        (Problem.GATE, "k8s.aliyun.com/eip: not set", "no EIP yet"),
        (
            Problem.REFUSED,
            'FailedCreate: violates PodSecurity "restricted:latest": x',
            "keep to Pod Security restricted",
        ),
        (Problem.REFUSED, 'admission webhook "images.example.com" denied the request: no', "images.example.com"),
    ],
)
def test_the_likely_cause_is_read_from_what_kubernetes_says(problem: Problem, said: str, cause: str) -> None:
    found, mend = likely(problem, said, NAMES)
    assert cause in found
    assert mend


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_mend_whatever_is_said(problem: Problem) -> None:
    _, mend = likely(problem, "words that nobody knows", NAMES)
    assert mend
    assert "{" not in mend


def deployment(**status: int) -> Object:
    owner = {"name": "study", "uid": "d", "generation": 2, "annotations": {"deployment.kubernetes.io/revision": "2"}}
    return {"metadata": owner, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, **status}}


def replica_set(revision: int) -> Object:
    notes = {"deployment.kubernetes.io/revision": str(revision)}
    return {"metadata": {"uid": f"r{revision}", "annotations": notes, "ownerReferences": [{"uid": "d"}]}}


def crashing(revision: int) -> Object:
    ended = {
        "exitCode": 1,
        "reason": "Error",
        "finishedAt": "2026-11-26T03:00:09Z",
        "startedAt": "2026-11-26T03:00:00Z",
    }
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    status = {"name": "study", "ready": False, "restartCount": 3, "state": waiting, "lastState": {"terminated": ended}}
    return {
        "metadata": {"name": f"study-{revision}", "uid": f"p{revision}", "ownerReferences": [{"uid": f"r{revision}"}]},
        "spec": {"containers": [{"name": "study"}]},
        "status": {"containerStatuses": [status]},
    }


def said_of(live: Object, *pods: Object) -> Service:
    sets = [replica_set(1), replica_set(2)]
    observed = Observed.of({"deployments": [live], "replicasets": sets, "pods": list(pods)})
    (found,) = diagnose(settings("uat"), observed, ["study"])
    return found


def test_pods_of_an_older_version_are_not_explained() -> None:
    status = {"replicas": 3, "updatedReplicas": 1, "availableReplicas": 2}
    assert said_of(deployment(**status), crashing(1)).findings == ()
    (finding,) = said_of(deployment(**status), crashing(1), crashing(2)).findings
    assert (finding.pods, finding.exit) == (("study-2",), "exit code 1, restarts: 3")


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}, True),
        ({"replicas": 3, "updatedReplicas": 2, "availableReplicas": 3}, False),
        ({"replicas": 2, "updatedReplicas": 1, "availableReplicas": 2}, False),
        ({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1}, False),
        ({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "observedGeneration": 1}, False),
    ],
)
def test_a_service_is_ready_once_all_pods_are_new_and_serve(status: dict[str, int], *, done: bool) -> None:
    assert said_of(deployment(**status)).done == done


def test_waiting_ends_once_something_stands_for_longer_than_it_needs_to_mend_itself() -> None:
    service = said_of(deployment(replicas=2, updatedReplicas=1), crashing(2))
    begun = datetime(2026, 11, 26, 3, 0, 0, tzinfo=UTC)
    assert not failed([service], begun + timedelta(seconds=Problem.CRASH.patience - 1))
    assert failed([service], begun + timedelta(seconds=Problem.CRASH.patience))
