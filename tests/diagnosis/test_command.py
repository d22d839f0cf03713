"""`ackp watch` from the command line, on a real API server with imitated pods; tests/node has real ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from kubernetes.dynamic.exceptions import NotFoundError
from typer.testing import CliRunner, Result

from adopt.connection import Connection
from cli.app import app
from components.manifests.metadata import selector
from diagnosis.problem import Problem
from diagnosis.watch import Watch
from tests.adopt.readings import changed
from tests.cluster.api import MERGE, STRATEGIC, Object
from tests.cluster.bound import bound
from tests.diagnosis.memory import GATE, close_gate, while_watching
from tests.node.pods import eventually
from tests.pod_logs.conftest import NAMESPACE, Pods
from tests.pod_logs.memory import MOST_BYTES
from tests.pod_logs.running import Terminal, running
from tests.settings import settings


def run(pods: Pods, *arguments: str, kubeconfig: Path | None = None) -> Result:
    place = str(kubeconfig or pods.plane.kubeconfig)
    return CliRunner().invoke(app, ["watch", "uat", "--kubeconfig", place, *arguments])


@pytest.fixture
def gated(pods: Pods) -> Pods:
    """The service with two pods of a new version, whose gate nobody opens, and one that serves on."""
    close_gate(pods)
    return pods


@pytest.fixture(autouse=True)
def calm(pods: Pods) -> object:
    yield
    nothing = {"spec": {"template": {"spec": {"readinessGates": None}}}}
    pods.api.patch(pods.deployment, nothing, form=MERGE)
    return None


def test_it_ends_with_0_once_the_service_is_ready(pods: Pods) -> None:
    done = run(pods, "study")
    assert (done.exit_code, done.stdout) == (0, "study: 2 of 2 pods ready, ready\n")


def test_a_service_that_is_not_there_keeps_the_stack_from_being_ready(pods: Pods) -> None:
    done = run(pods, "--timeout", "1s")
    assert done.exit_code == 3
    assert "study: 2 of 2 pods ready, ready" in done.stdout
    assert "exam: there is no Deployment" in done.stdout
    assert done.stderr.splitlines()[-1] == "Not ready after 1 s."


def test_each_change_is_an_object_for_machines(gated: Pods) -> None:
    done = run(gated, "study", "--timeout", "40s", "--json")
    assert done.exit_code == 3
    *_, last = (json.loads(line) for line in done.stdout.splitlines())
    (finding,) = last["findings"]
    assert (last["service"], last["state"], last["ready"], last["wanted"]) == ("study", "not ready", 0, 2)
    assert (finding["problem"], finding["said"]) == ("gate", f"{GATE}: not set")
    assert len(finding["pods"]) == 1
    assert finding["since"]
    assert finding["cause"].startswith("the ALB does not have the pod")


def test_a_gate_that_is_closed_only_since_a_moment_is_no_trouble_yet(gated: Pods) -> None:
    done = run(gated, "study", "--timeout", "4s")
    assert done.exit_code == 3
    assert "study: " in done.stdout
    assert "gate" not in done.stdout


def test_a_gate_that_opens_later_is_waited_for(gated: Pods, tmp_path: Path) -> None:
    with running(tmp_path, "watch", "uat", "study", "--kubeconfig", gated.plane.kubeconfig) as command:
        command.until("study: a readiness gate is closed")
        while command.process.poll() is None:
            for name in gated.names():
                pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE}}
                met = {"status": {"conditions": [{"type": GATE, "status": "True"}]}}
                with suppress(NotFoundError):  # those of the older version go meanwhile
                    gated.api.patch(pod, met, form=STRATEGIC, part="status")
        assert command.process.returncode == 0
        assert command.out[-1] == "study: 2 of 2 pods ready, ready"


def test_an_api_server_that_restarts_is_waited_for_and_both_is_said(gated: Pods, tmp_path: Path) -> None:
    with running(tmp_path, "watch", "uat", "study", "--kubeconfig", gated.plane.kubeconfig) as command:
        command.until("a readiness gate is closed")
        gated.plane.kill("kube-apiserver")
        try:
            command.until("does not answer: Connection refused. Trying again")
        finally:
            gated.plane.start("kube-apiserver")
        command.until("The API server answers again")
        assert command.interrupt() == 130
        assert command.err[-1] == "Ended by Ctrl-C."
        assert "Traceback" not in "\n".join(command.err)


def vanish(pods: Pods, name: str) -> None:
    """Delete a pod at once, as a node that is gone takes its pods along."""
    place = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}"
    Connection(pods.plane.kubeconfig).delete(place, {"gracePeriodSeconds": 0})
    eventually(lambda: name not in pods.names())


def test_a_pod_that_vanishes_is_no_error_and_the_next_one_stands_in_its_place(gated: Pods, tmp_path: Path) -> None:
    with running(tmp_path, "watch", "uat", "study", "--json", "--kubeconfig", gated.plane.kubeconfig) as command:
        command.until('"problem": "gate"')
        (before,) = json.loads(command.out[-1])["findings"][0]["pods"]
        vanish(gated, before)

        def after() -> bool:
            findings = json.loads(command.out[-1])["findings"]
            return bool(findings) and before not in findings[0]["pods"]

        eventually(after)
        assert command.process.poll() is None
        assert command.interrupt() == 130
        assert command.err[1:] == ["Ended by Ctrl-C."], "after the address of the cluster"


class Vanishing(Connection):
    """A connection before whose eyes a pod vanishes: it was listed, and is gone when its log is asked for."""

    pods: Pods

    def stream(self, path: str, query: Mapping[str, str] | None = None, *, endless: bool = False) -> Iterator[bytes]:
        vanish(self.pods, path.split("/")[-2])
        return super().stream(path, query, endless=endless)


def test_a_pod_that_vanishes_before_its_log_is_read_is_no_error_and_is_not_told_again(gated: Pods) -> None:
    connection = Vanishing(gated.plane.kubeconfig)
    connection.pods = gated
    watch = Watch(connection, settings("uat"), ["study"])
    eventually(lambda: any("readinessGates" in each["spec"] for each in pods_of(gated)))
    name = next(each["metadata"]["name"] for each in pods_of(gated) if "readinessGates" in each["spec"])
    crash(gated, name)
    (first,) = watch.look()
    assert [(each.problem, each.pods, each.lines) for each in first.findings] == [(Problem.CRASH, (name,), ())]
    (then,) = watch.look()
    assert [each for each in then.findings if name in each.pods] == []


def pods_of(pods: Pods) -> list[Object]:
    return pods.api.objects("v1", "Pod", NAMESPACE, selector(settings("uat"), "study"))


def crash(pods: Pods, name: str) -> None:
    """Let the status of a pod say that its program ends again and again."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE}}
    ended = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-26T04:00:00Z"}
    status = {
        "name": "study",
        "image": "example.com/study:1",
        "imageID": "",
        "ready": False,
        "restartCount": 5,
        "state": {"running": None, "waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": ended},
    }
    conditions = [{"type": kind, "status": "False"} for kind in ("Ready", "ContainersReady")]
    pods.api.patch(
        pod, {"status": {"containerStatuses": [status], "conditions": conditions}}, form=STRATEGIC, part="status"
    )


def test_a_hundred_pods_are_watched_in_bounded_memory(gated: Pods, tmp_path: Path) -> None:
    assert while_watching(gated, tmp_path) < MOST_BYTES


def test_on_a_terminal_the_table_stays_below_and_the_terminal_is_restored(gated: Pods) -> None:
    terminal = Terminal(("watch", "uat", "study", "--kubeconfig", gated.plane.kubeconfig))
    try:
        terminal.until("a readiness gate is closed")
        terminal.until("0/2")
        assert terminal.interrupt() == 130
        terminal.until("Ended by Ctrl-C.")
        assert terminal.shown.rindex("\x1b[?25h") > terminal.shown.rindex("\x1b[?25l")
    finally:
        assert terminal.close() == terminal.modes


def test_the_rights_of_an_observer_are_enough_and_each_that_is_missing_is_named(pods: Pods) -> None:
    with bound(pods.api, pods.plane.kubeconfig, "observer", NAMESPACE) as observer:
        done = run(pods, "study", kubeconfig=observer.kubeconfig)
        assert done.exit_code == 0, done.stderr
        for verb, resource, rules in observer.each_less():
            if resource != "pods/log":  # without them the rest is told
                with observer.holding(rules):
                    done = run(pods, "study", kubeconfig=observer.kubeconfig)
                assert done.exit_code == 1, resource
                assert f"the verb {verb} on {resource}" in done.stderr


def test_a_service_that_is_not_known_is_named_with_the_nearest(pods: Pods) -> None:
    done = run(pods, "stduy")
    assert (done.exit_code, done.stderr) == (
        1,
        'error: stduy is no service of the stack uat; did you mean "study"?\n',
    )


def test_a_cluster_without_the_stack_is_one_report(pods: Pods) -> None:
    done = CliRunner().invoke(app, ["watch", "test", "--kubeconfig", str(pods.plane.kubeconfig)])
    assert done.exit_code == 1
    assert "There is no Deployment in the namespace test of https://127.0.0.1:" in done.stderr
    assert "--kubeconfig and --context choose it" in done.stderr


def test_an_api_server_that_never_answers_and_expired_credentials_are_one_report(pods: Pods, tmp_path: Path) -> None:
    def expired(config: Object) -> None:
        config["users"][0]["user"] = {"token": "made-up-token-of-nobody"}

    def closed(config: Object) -> None:
        config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"

    for change, words in ((expired, "does not accept the credentials"), (closed, "does not answer")):
        done = run(pods, kubeconfig=changed(pods.plane.kubeconfig, tmp_path, change))
        assert (done.exit_code, done.stdout) == (1, "")
        assert words in done.stderr
        assert "made-up-token-of-nobody" not in done.stderr
