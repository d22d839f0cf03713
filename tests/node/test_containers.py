"""What a service's container is on a real node: its image, its user, its limits, what it may and may not do."""

from __future__ import annotations

import copy
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from cluster.node.node import Node
from tests.cluster.api import Api, Object
from tests.node.pods import CommandFailedError, eventually, get, is_gone, restarts_of, status_of
from tests.node.stack import Stack


@dataclass
class Listener:
    port: int
    callers: list[str]


@pytest.fixture
def listener(node: Node) -> Iterator[Listener]:
    """An HTTP server of this machine on the link to the node."""
    callers: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            callers.append(self.client_address[0])
            self.send_response(204)
            self.end_headers()

    with http.server.ThreadingHTTPServer((node.network.host, 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Listener(server.server_port, callers)
        server.shutdown()


@pytest.fixture(scope="module")
def pod(stack: Stack) -> Object:
    return stack.ready_pod("file")


def status_lines(stack: Stack) -> dict[str, str]:
    lines = stack.run("file", "cat", "/proc/1/status").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def test_the_container_has_the_user_and_nothing_to_gain(stack: Stack) -> None:
    found = status_lines(stack)
    assert found["Uid"].split() == found["Gid"].split() == ["10001"] * 4
    assert {found[key] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")


def test_the_root_file_system_is_read_only_and_tmp_is_not(stack: Stack) -> None:
    for place in ("/", "/bin", "/etc"):
        with pytest.raises(CommandFailedError, match="Read-only file system"):
            stack.run("file", "touch", f"{place}/mark")
    stack.run("file", "touch", "/tmp/mark")


def test_the_container_has_no_token_of_a_service_account(stack: Stack) -> None:
    with pytest.raises(CommandFailedError, match="No such file"):
        stack.run("file", "ls", "/var/run/secrets")


def test_a_process_that_is_not_root_serves_port_80_of_the_pod(pod: Object) -> None:
    assert get(f"http://{pod['status']['podIP']}/actuator/health/liveness") == '{"status":"UP"}\n'


def test_the_limits_of_the_manifest_are_those_of_the_control_group(stack: Stack, node: Node, pod: Object) -> None:
    groups = node.control_groups(pod["metadata"]["uid"], status_of(pod)["containerID"])
    version_2 = "" in groups
    memory = groups[""] / "memory.max" if version_2 else groups["memory"] / "memory.limit_in_bytes"
    weight = groups[""] / "cpu.weight" if version_2 else groups["cpu"] / "cpu.shares"
    assert int(memory.read_text()) == 512 << 20
    assert int(weight.read_text()) < (100 if version_2 else 1024)  # 50m of CPU, where a whole one is the usual weight
    assert stack.run("file", "sh", "-c", "kill -0 1") == ""


def test_the_image_was_pulled_with_the_pull_secret(stack: Stack, api: Api, pod: Object) -> None:
    events = api.objects("v1", "Event", stack.namespace)
    mine = {
        each["reason"]: each["message"]
        for each in events
        if each["involvedObject"].get("uid") == pod["metadata"]["uid"]
    }
    assert f'Successfully pulled image "{pod["spec"]["containers"][0]["image"]}"' in mine["Pulled"]
    assert pod["spec"]["containers"][0]["image"].startswith("registry-vpc.cn-hangzhou.aliyuncs.com/example/file:")


def test_without_the_pull_secret_the_registry_refuses(stack: Stack, api: Api) -> None:
    spec = copy.deepcopy(stack.stated("file-deployment")["spec"]["template"]["spec"])
    del spec["imagePullSecrets"]
    metadata = {"name": "no-secret", "namespace": stack.namespace}
    stated: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    api.create(stated)

    def reason() -> str | None:
        live = api.live(stated)
        assert live
        waiting = [each["state"].get("waiting", {}) for each in live["status"].get("containerStatuses", ())]
        return next(
            (each["message"] for each in waiting if each.get("reason") in ("ErrImagePull", "ImagePullBackOff")), None
        )

    assert "401 Unauthorized" in str(eventually(reason)) or "authorization failed" in str(eventually(reason))
    api.delete(stated)
    eventually(partial(is_gone, api, stated))


def test_g18_names_of_services_lead_to_their_pods_and_to_nothing_outside(stack: Stack) -> None:
    path = "actuator/health/readiness"
    for name in ("file", "file.test", "file.test.svc.cluster.local"):
        assert stack.run("admin", "curl", "-sf", "--max-time", "10", f"http://{name}/{path}") == '{"status":"UP"}\n'
    with pytest.raises(CommandFailedError, match="Could not resolve host"):
        stack.run("admin", "curl", "-sS", "--max-time", "10", "http://example.com/")


def test_the_services_address_answers_here_too(stack: Stack, api: Api) -> None:
    service = api.live(stack.stated("file-service"))
    assert service
    assert get(f"http://{service['spec']['clusterIP']}/actuator/health/readiness") == '{"status":"UP"}\n'


def test_a_pod_reaches_a_server_of_this_machine_on_the_link_and_is_seen_with_its_own_address(
    stack: Stack, node: Node, listener: Listener
) -> None:
    stack.run("file", "curl", "-sf", "--max-time", "10", f"http://{node.network.host}:{listener.port}/")
    assert listener.callers == [stack.ready_pod("file")["status"]["podIP"]]


def test_the_tests_own_script_passes_shellcheck() -> None:
    script = Path(__file__).with_name("application.sh")
    subprocess.run([Path(sys.executable).with_name("shellcheck"), script], check=True)


def test_memory_that_is_used_up_ends_the_container_and_it_starts_anew(stack: Stack, api: Api) -> None:
    before = stack.ready_pod("file")
    stack.run("file", "kill", "-USR1", "1")

    def restarted() -> Object | None:
        live = api.live(before)
        return live if live and restarts_of(live) == restarts_of(before) + 1 else None

    last = status_of(eventually(restarted))["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("OOMKilled", 137)
    after = stack.ready_pod("file")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    lines = [each.text for each in stack.said("file") if each.pod == before["metadata"]["name"]]
    assert lines[-4:] == ["serving", "USR1", "started as 10001:10001", "serving"]
