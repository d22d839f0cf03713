"""A service's pod on a real node from its start to its end: probes, hooks, grace period, a rollout."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from cluster.node.node import Node
from tests.cluster.api import Api, Object
from tests.node.pods import answers, eventually, get, is_gone, is_ready, restarts_of, status_of
from tests.node.stack import Said, Stack, uptime

HEALTH = "/tmp/www/actuator/health"
NEXT = "test-1.2.2-51b7aa91-20261126T090000"
PATH = "/actuator/health/readiness"
_LATE = 15.0
"""Seconds that a machine which is busy with other things may take beside the time that is stated."""


def endpoint(api: Api, stack: Stack, pod: Object) -> Object:
    """The conditions of a pod in its Service's EndpointSlices; empty if it is in none."""
    labels = {"kubernetes.io/service-name": "file"}
    for each in api.objects("discovery.k8s.io/v1", "EndpointSlice", stack.namespace, labels):
        for found in each["endpoints"] or ():
            if found["targetRef"]["uid"] == pod["metadata"]["uid"]:
                conditions: Object = found["conditions"]
                return conditions
    return {}


def serving_pod(api: Api, stack: Stack) -> Object:
    """The service's one pod, once its Service leads to it: the endpoints follow the pod's readiness."""
    pod = stack.ready_pod("file")
    eventually(lambda: endpoint(api, stack, pod).get("ready"))
    return pod


def lines(stack: Stack, pod: Object, text: str) -> list[Said]:
    service = pod["metadata"]["labels"]["app.kubernetes.io/name"]
    return [each for each in stack.said(service) if (each.pod, each.text) == (pod["metadata"]["name"], text)]


@contextmanager
def load(url: str) -> Iterator[list[str]]:
    """Ask again and again while the block runs; yields what went wrong."""
    failures: list[str] = []
    end = threading.Event()

    def ask() -> None:
        while not end.wait(0.05):
            try:
                get(url)
            except OSError as error:
                failures.append(f"{uptime()}: {error}")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield failures
    finally:
        end.set()
        thread.join()


def test_a_pod_that_says_it_is_not_ready_gets_no_requests_until_it_is(stack: Stack, api: Api) -> None:
    pod = serving_pod(api, stack)
    stack.run("file", "mv", f"{HEALTH}/readiness", "/tmp/aside")
    eventually(lambda: not is_ready(api.live(pod) or {}))
    eventually(lambda: endpoint(api, stack, pod).get("ready") is False)
    assert restarts_of(api.live(pod) or {}) == restarts_of(pod)
    stack.run_in(pod, "mv", "/tmp/aside", f"{HEALTH}/readiness")
    assert serving_pod(api, stack)["metadata"]["uid"] == pod["metadata"]["uid"]


def test_a_container_that_is_not_alive_is_stopped_in_order_and_started_anew(stack: Stack, api: Api) -> None:
    pod = stack.ready_pod("file")
    stops, starts = (len(lines(stack, pod, text)) for text in ("TERM", "started as 10001:10001"))
    stack.run("file", "rm", f"{HEALTH}/liveness")
    eventually(lambda: restarts_of(api.live(pod) or {}) == restarts_of(pod) + 1)
    stack.ready_pod("file")
    assert len(lines(stack, pod, "TERM")) == stops + 1
    assert len(lines(stack, pod, "started as 10001:10001")) == starts + 1


def test_a_slow_start_is_waited_for_and_not_taken_for_dead(stack: Stack, api: Api) -> None:
    before = stack.ready_pod("file")
    container = before["spec"]["containers"][0]
    patience = container["livenessProbe"]["periodSeconds"] * container["livenessProbe"]["failureThreshold"]
    stack.run("file", "sh", "-c", f"echo {patience + 6} >$DATA_DIR/slow")
    api.delete(before)
    eventually(partial(is_gone, api, before))
    pod = stack.ready_pod("file")
    stack.run("file", "sh", "-c", "rm $DATA_DIR/slow")
    assert restarts_of(pod) == 0
    assert lines(stack, pod, "serving")[0].uptime - lines(stack, pod, "started as 10001:10001")[0].uptime > patience


def test_g16_a_pod_that_ends_serves_for_its_drain_time_and_then_ends_in_order(stack: Stack, api: Api) -> None:
    pod = serving_pod(api, stack)
    drain = pod["spec"]["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    url = f"http://{pod['status']['podIP']}{PATH}"
    with load(url) as failures:
        begun = uptime()
        api.delete(pod)
        conditions = eventually(lambda: found if (found := endpoint(api, stack, pod)).get("terminating") else None)
        assert (conditions["ready"], conditions["serving"]) == (False, True)
        eventually(lambda: lines(stack, pod, "TERM"))
    (said,) = lines(stack, pod, "TERM")
    assert drain <= said.uptime - begun < drain + _LATE
    assert [each for each in failures if float(each.split(":")[0]) < said.uptime] == []
    eventually(partial(is_gone, api, pod))
    assert uptime() - begun < pod["spec"]["terminationGracePeriodSeconds"] + _LATE


def test_a_pod_that_does_not_end_is_killed_once_its_grace_is_over(stack: Stack, api: Api, node: Node) -> None:
    pod = stack.ready_pod("file")
    grace = pod["spec"]["terminationGracePeriodSeconds"]
    for group in node.control_groups(pod["metadata"]["uid"], status_of(pod)["containerID"]).values():
        for process in (group / "cgroup.procs").read_text().split():
            os.kill(int(process), signal.SIGSTOP)
    begun = uptime()
    api.delete(pod)
    eventually(partial(is_gone, api, pod))
    assert grace - 1 <= uptime() - begun < grace + _LATE  # the API server counts whole seconds
    assert lines(stack, pod, "TERM") == []


def test_a_rollout_over_the_service_loses_no_request(stack: Stack, api: Api) -> None:
    first = serving_pod(api, stack)
    service = api.live(stack.stated("file-service"))
    assert service
    url = f"http://{service['spec']['clusterIP']}{PATH}"
    eventually(lambda: answers(url))  # the node's rules follow the endpoints
    with load(url) as failures:
        stack.change(services__file__image__tag=NEXT)
        eventually(partial(is_gone, api, first))
        time.sleep(1)
    assert stack.ready_pod("file")["spec"]["containers"][0]["image"].endswith(f"/file:{NEXT}")
    assert failures == []
