"""What `ackp watch` says of services that do not come up, each broken in one way on a real node."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from adopt.connection import Connection
from cli.app import app
from cluster.node.node import Node
from components.manifests.pod import ALB_GATE
from config.registration import SIDECAR_NAME
from diagnosis.problem import Problem
from diagnosis.service import Finding
from diagnosis.watch import Watch
from tests.cluster.api import Api, Object
from tests.docs.documents import Page
from tests.node.shells import IMAGE, NAMESPACE, Shells
from tests.settings import ROOT, settings

EXPLAINED_SECONDS = 60.0
MACHINE_SECONDS = 60.0
"""What a machine that is busy with other things may add."""
STUFF = "example.com/stuff"
SLEEP = "sleep 3600"
FAILING = {"exec": {"command": ["sh", "-c", "echo no; exit 1"]}, "periodSeconds": 1, "failureThreshold": 1}


@dataclass(frozen=True)
class Case:
    """A service that is broken in one way, and what is to be said of it.

    Attributes:
        problem: The kind.
        said: What Kubernetes says, as a pattern.
        cause: The cause, as a pattern.
        script: What the container runs.
        pod: Further fields of the pod.
        container: Further fields of the container.
        deployment: Further fields of the Deployment.
        exit: How it ended, as a pattern.
        lines: Its last lines.
    """

    problem: Problem
    said: str
    cause: str
    script: str = SLEEP
    pod: Object = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)
    deployment: Object = field(default_factory=dict)
    exit: str = "$"
    lines: tuple[str, ...] = ()


def with_sidecar(words: str) -> Object:
    """Of a pod: a native sidecar that is never Ready, and says why."""
    probe = {**FAILING, "exec": {"command": ["sh", "-c", f"echo {words}; exit 1"]}}
    command = ["sh", "-c", f"echo side; {SLEEP}"]
    sidecar = {"name": SIDECAR_NAME, "image": IMAGE, "command": command, "readinessProbe": probe}
    return {"initContainers": [{**sidecar, "restartPolicy": "Always"}]}


def volume(**source: Any) -> tuple[Object, Object]:
    """Of a pod and of its container: a volume that is mounted."""
    return {"volumes": [{"name": "v", **source}]}, {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}


def on_volume(problem: Problem, said: str, cause: str, **source: Any) -> Case:
    pod, container = volume(**source)
    return Case(problem, said, cause, pod=pod, container=container)


COUNT = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; "
LAST = tuple(f"line {number}" for number in range(11, 31))
REGISTRY = "registry-vpc.cn-hangzhou.aliyuncs.com/example"
CASES = {
    "an image that was never pushed": Case(
        Problem.IMAGE,
        "(ErrImagePull|ImagePullBackOff): .*not found",
        "no such image",
        container={"image": f"{REGISTRY}/none:1"},
    ),
    "no pull Secret": Case(
        Problem.IMAGE,
        "(ErrImagePull|ImagePullBackOff): .*",
        "does not accept the login",
        pod={"imagePullSecrets": []},
        container={"image": f"{REGISTRY}/shell:2"},
    ),
    "a program that gives up": Case(
        Problem.CRASH,
        "ended at",
        "gives up by itself",
        COUNT + "exit 1",
        exit=r"exit code 1, restarts: \d+",
        lines=LAST,
    ),
    "a program that needs more memory": Case(
        Problem.CRASH,
        "ended at",
        "more memory than its limit",
        "tail /dev/zero",
        container={"resources": {"limits": {"memory": "16Mi"}}},
        exit=r"exit code 137 \(OOMKilled\), restarts: \d+",
    ),
    "a program that ends in order": Case(
        Problem.CRASH, "ended at", "a service must go on", "exit 0", exit=r"exit code 0, restarts: \d+"
    ),
    "nothing listens": Case(
        Problem.PROBE,
        "Readiness probe failed: .*connection refused",
        "nothing listens",
        COUNT + SLEEP,
        container={"readinessProbe": {"tcpSocket": {"port": 81}, "periodSeconds": 1}},
        lines=LAST,
    ),
    "a service that does not answer, beside its sidecar": Case(
        Problem.PROBE,
        "Readiness probe failed: no",
        "does not answer as the probe asks",
        COUNT + SLEEP,
        pod=with_sidecar("instance is not yet visible in Nacos"),
        container={"readinessProbe": FAILING},
        lines=LAST,
    ),
    "a service that Nacos does not show": Case(
        Problem.PROBE,
        "Readiness probe failed: instance is not yet visible in Nacos",
        "not in Nacos",
        pod=with_sidecar("instance is not yet visible in Nacos"),
        lines=("side",),
    ),
    "a startup probe that fails": Case(
        Problem.RESTART,
        "Startup probe failed: no",
        "does not answer as the probe asks",
        COUNT + "trap 'exit 143' TERM; sleep 3600 & wait",
        container={"startupProbe": FAILING},
        exit=r"exit code \d+, restarts: \d+",
        lines=LAST,
    ),
    "a Secret to mount that is gone": on_volume(
        Problem.MOUNT,
        'FailedMount: .*secret "gone" not found',
        "an object that it mounts is gone",
        secret={"secretName": "gone"},
    ),
    "a driver that does not run": on_volume(
        Problem.MOUNT,
        "FailedMount: .*none.example.com not found in the list of registered CSI drivers",
        "the CSI driver does not run",
        csi={"driver": "none.example.com"},
    ),
    "a Secret of variables that is gone": Case(
        Problem.CONTAINER,
        'CreateContainerConfigError: secret "gone" not found',
        "takes variables from is gone",
        container={"envFrom": [{"secretRef": {"name": "gone"}}]},
    ),
    "an image that runs as root": Case(
        Problem.CONTAINER,
        "CreateContainerConfigError: .*runAsNonRoot",
        "the image runs as root",
        container={"securityContext": {"runAsNonRoot": True}},
    ),
    "a command that is missing": Case(
        Problem.CONTAINER,
        "RunContainerError: |CreateContainerError: |StartError",
        "cannot be run",
        container={"command": ["/no/such"]},
    ),
    "a claim that is gone": on_volume(
        Problem.CLAIM,
        'persistentvolumeclaim "gone" not found',
        "there is no such claim",
        persistentVolumeClaim={"claimName": "gone"},
    ),
    "a claim without a volume": on_volume(
        Problem.CLAIM, "lonely is Pending", "no volume fits it", persistentVolumeClaim={"claimName": "lonely"}
    ),
    "a zone without nodes": Case(
        Problem.NODE,
        "FailedScheduling: 0/1 nodes are available",
        "must find nodes with room",
        pod={"nodeSelector": {"none": "such"}},
    ),
    "a quota that is used up": Case(
        Problem.REFUSED,
        "FailedCreate: .*exceeded quota: stuff",
        f"must fit into the ResourceQuota stuff: requests.{STUFF}=1 more than",
        container={"resources": {"limits": {STUFF: "1"}}},
    ),
    "a gate that nobody opens": Case(
        Problem.GATE,
        f"{ALB_GATE}: not set",
        "the ALB does not have the pod",
        pod={"readinessGates": [{"conditionType": ALB_GATE}]},
    ),
    "a paused rollout": Case(Problem.PAUSED, "paused", "kubectl rollout pause", deployment={"paused": True}),
}
SERVICES = tuple(settings("uat").services)


@pytest.fixture(scope="module")
def found(node: Node, api: Api, shells: Shells) -> dict[str, tuple[Finding, float]]:
    """What is said of each case, and after how many seconds: as many at once as the stack has services."""
    quota = {"kind": "ResourceQuota", "metadata": {"name": "stuff", "namespace": NAMESPACE}}
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "lonely", "namespace": NAMESPACE}}
    request = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": ""}
    api.create({"apiVersion": "v1", **quota, "spec": {"hard": {f"requests.{STUFF}": "0"}}})
    api.create({"apiVersion": "v1", **claim, "spec": request})
    explained: dict[str, tuple[Finding, float]] = {}
    todo = list(CASES)
    while todo:
        batch = dict(zip(SERVICES, todo, strict=False))
        todo = todo[len(batch) :]
        with ExitStack() as stack:
            for service, name in batch.items():
                case = CASES[name]
                stated = shells.stated(service, case.script, pod=case.pod, **case.container)
                stated["spec"].update(case.deployment)
                stack.enter_context(shells.up(stated))
            began = time.monotonic()
            watch = Watch(Connection(node.kubeconfig), settings("uat"), list(batch))
            while time.monotonic() < began + EXPLAINED_SECONDS + MACHINE_SECONDS and len(explained) < len(CASES):
                for finding in (finding for looked in watch.look() for finding in looked.findings):
                    name = batch[finding.service]
                    if finding.problem is CASES[name].problem and re.search(CASES[name].cause, finding.cause):
                        explained.setdefault(name, (finding, time.monotonic() - began))
                if set(batch.values()) <= set(explained):
                    break
                time.sleep(1)
    return explained


@pytest.mark.parametrize("name", CASES)
def test_it_is_explained_within_a_minute(name: str, found: dict[str, tuple[Finding, float]]) -> None:
    case = CASES[name]
    assert name in found
    finding, seconds = found[name]
    assert seconds < EXPLAINED_SECONDS + MACHINE_SECONDS
    assert re.search(case.said, finding.said, re.DOTALL), finding.said
    assert re.search(case.cause, finding.cause), finding.cause
    assert re.match(case.exit, finding.exit), finding.exit
    assert finding.lines == case.lines
    assert finding.mend
    assert "{" not in finding.mend + finding.cause
    if case.problem not in (Problem.REFUSED, Problem.PAUSED):
        assert all(pod.startswith(f"{finding.service}-") for pod in finding.pods)
        assert len(finding.pods) == 1
    age = datetime.now(UTC) - datetime.fromisoformat(finding.since)
    assert 0 <= age.total_seconds() < 900


def test_the_page_shows_what_the_command_prints_and_it_ends_once_waiting_helps_no_more(shells: Shells) -> None:
    page = Page(ROOT / "docs" / "how-to" / "watch-a-rollout.md")
    shown = next(block.text for block in page.blocks if block.text.startswith("study: "))
    lines = [line[9:] for line in shown.splitlines() if re.match(r"  (log)?   ", line)]
    script = "".join(f"echo '{line}'; " for line in lines)
    began = time.monotonic()
    with shells.up(shells.stated("study", f"{script}exit 1")):
        arguments = ["watch", "uat", "study", "--kubeconfig", str(shells.node.kubeconfig)]
        done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 3, done.output
    assert time.monotonic() - began >= Problem.CRASH.patience
    assert done.stderr.splitlines()[-1] == "Not ready: what is told above does not go away by waiting."
    assert uniform(shown) in uniform(done.stdout)


def uniform(text: str) -> str:
    """A text without what is another in every run: names of pods, times, counts of restarts."""
    for pattern, word in (
        (r"study-[0-9a-f]+-\w{5}", "POD"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"restarts: \d+", "RESTARTS"),
    ):
        text = re.sub(pattern, word, text)
    return text
