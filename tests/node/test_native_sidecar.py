"""The registration sidecar beside a service on a real node, with a real registry that wants a login."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from cluster.node.node import Node
from config.registration import SIDECAR_NAME
from tests.cluster.api import Api
from tests.lifecycle.registry import PORT, Registry
from tests.node.pods import eventually, is_ready, remove_namespace, status_of
from tests.node.stack import Stack, uptime
from tests.program.stacks import secret, shipped

SERVICE = "resource"
ALONE_SECONDS = 5.0
"""For how long the service runs without a Nacos."""


@dataclass
class Registered:
    """A service of the stack `uat`, up, and the registry in which the test plays its Nacos client.

    Attributes:
        stack: The stack.
        nacos: The registry; it comes up only when the service has been answering for a while.
        since: When it came up, in seconds of the epoch.
    """

    stack: Stack
    nacos: Registry
    since: float = 0.0
    _known: set[str] = field(default_factory=set)

    @property
    def query(self) -> dict[str, str]:
        settings = shipped("uat")
        name = settings.services[SERVICE].registration.nacos_name
        return {"serviceName": str(name), "namespaceId": str(settings.nacos_namespace)}

    def visible(self) -> list[str]:
        return [ip for ip, _ in self.nacos.visible(self.query["serviceName"], self.query["namespaceId"])]

    def play_client(self, end: threading.Event) -> None:
        """What the Nacos client in each pod does: register, and keep the instance alive."""
        while not end.wait(1):
            for pod in self.stack.pods(SERVICE):
                containers = pod["status"].get("containerStatuses") or ()
                if not any(each.get("started") for each in containers):
                    continue
                if not self.since:
                    time.sleep(ALONE_SECONDS)
                    self.since = time.time()
                    self.nacos.start()
                self._speak(pod["status"]["podIP"])

    def _speak(self, ip: str) -> None:
        instance = {**self.query, "ip": ip, "port": "80"}
        if ip not in self._known:
            self.nacos.call("POST", "/nacos/v1/ns/instance", {**instance, "ephemeral": "true"})
            self._known.add(ip)
        beat = json.dumps({"ip": ip, "port": 80, "serviceName": self.query["serviceName"], "cluster": "DEFAULT"})
        self.nacos.call("PUT", "/nacos/v1/ns/instance/beat", {**instance, "beat": beat})


@pytest.fixture(scope="module")
def registered(node: Node, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    """The service, up; its pod was alone for a while before Nacos came."""
    login = shipped("uat").nacos
    assert login
    assert login.auth
    changes: dict[str, object] = {
        "nacos__address": f"{node.network.host}:{PORT}",
        f"services__{SERVICE}__replicas": 1,
        f"services__{SERVICE}__probes__type": "http",
        f"services__{SERVICE}__registration__shutdownSeconds": 1,
        f"services__{SERVICE}__registration__minReadySeconds": 0,
    }
    folder = tmp_path_factory.mktemp("nacos")
    nacos = Registry(node.network.host, folder, login.auth.username, secret("nacosPassword"))
    found, end = Registered(Stack(node, api, "uat", (SERVICE,), changes), nacos), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        client = pool.submit(found.play_client, end)
        try:
            found.stack.up()
            yield found
        finally:
            remove_namespace(api, "uat")
            end.set()
            client.result()
            nacos.stop()


def test_g16_the_sidecar_starts_first_and_the_pod_is_ready_only_once_nacos_has_it(registered: Registered) -> None:
    pod = registered.stack.ready_pod(SERVICE)
    sidecar, application = status_of(pod, SIDECAR_NAME), status_of(pod)
    assert sidecar["state"]["running"]["startedAt"] <= application["state"]["running"]["startedAt"]
    assert sidecar["restartCount"] == application["restartCount"] == 0
    assert registered.visible() == [pod["status"]["podIP"]]
    (ready,) = [each for each in pod["status"]["conditions"] if each["type"] == "Ready"]
    became_ready = datetime.fromisoformat(ready["lastTransitionTime"]).timestamp()
    assert became_ready >= int(registered.since)  # kubelet says whole seconds


def test_g16_the_end_takes_the_instance_offline_first_and_ends_the_sidecar_last(
    registered: Registered, api: Api
) -> None:
    pod = registered.stack.ready_pod(SERVICE)
    drain = pod["spec"]["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    begun = uptime()
    api.delete(pod)
    eventually(lambda: pod["status"]["podIP"] not in registered.visible())
    hidden = uptime()
    ended: dict[str, str] = {}
    while live := api.live(pod):
        for name in (SERVICE, SIDECAR_NAME):
            if state := status_of(live, name)["state"].get("terminated"):
                ended[name] = state["finishedAt"]
        assert SERVICE in ended or SIDECAR_NAME not in ended
        time.sleep(0.1)
    assert ended[SERVICE] <= ended.get(SIDECAR_NAME, "~")
    (said,) = [
        each for each in registered.stack.said(SERVICE) if (each.pod, each.text) == (pod["metadata"]["name"], "TERM")
    ]
    assert hidden - begun < drain <= said.uptime - begun


def test_the_sidecar_runs_under_restricted_with_little_memory(registered: Registered, node: Node) -> None:
    pod = registered.stack.ready_pod(SERVICE)
    groups = node.control_groups(pod["metadata"]["uid"], status_of(pod, SIDECAR_NAME)["containerID"])
    limit = groups[""] / "memory.max" if "" in groups else groups["memory"] / "memory.limit_in_bytes"
    assert int(limit.read_text()) == 64 << 20
    assert is_ready(pod)
