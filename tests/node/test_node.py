"""The node itself: what it keeps its hands off while it runs, and that nothing of it stays, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

import pytest

from cluster.node.control_groups import hierarchies
from cluster.node.node import Node
from cluster.node.programs import CONTAINERD_VERSION, node_programs
from cluster.node.records import RECORDS
from cluster.node.supervisor import Supervisor
from cluster.processes import StartError
from cluster.programs import VERSION
from sandbox.progress import Lines
from tests.cluster.api import Api, ApiException
from tests.node.images import application
from tests.node.pods import eventually
from tests.node.stack import Stack
from tests.settings import ROOT

OWNER = """
import time
from cluster.node.node import real_node
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.node.pods import eventually

container = {"name": "pause", "image": "localhost/pause:1", "imagePullPolicy": "Never"}
spec = {"containers": [container], "automountServiceAccountToken": False}
metadata = {"name": "pause", "namespace": "default"}
with real_node(Lines(), username="user", password="word") as node:
    api = Api(node.kubeconfig)
    pod = api.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    eventually(lambda: api.live(pod)["status"]["phase"] == "Running")
    print(node.directory, flush=True)
    time.sleep(600)
"""
"""A program with a node, on which a pod runs."""
SETTINGS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
)
ALL = {"folder", "control groups", "link", "route", "record", "processes"}


@dataclass(frozen=True)
class Traces:
    """What a node may leave on this machine, by its name.

    Attributes:
        name: The name of its folder, link and control group.
    """

    name: str

    def found(self) -> dict[str, object]:
        """Each kind of trace that is there."""
        links = json.loads(said("ip", "-json", "link"))
        routes = json.loads(said("ip", "-json", "route", "show", "table", "all"))
        kept = {
            "folder": list(Path(gettempdir()).glob(f"*{self.name}*")),
            "control groups": [each for each in hierarchies() if (each / self.name).exists()],
            "link": [each for each in links if each["ifname"] == self.name],
            "route": [each for each in routes if each.get("dev") == self.name],
            "record": list(RECORDS.glob(f"*{self.name}*")),
            "processes": processes(self.name),
            "mounts": [line for line in Path("/proc/self/mounts").read_text().splitlines() if self.name in line],
        }
        return {kind: each for kind, each in kept.items() if each}


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def processes(name: str) -> list[Path]:
    """The processes that have a node's name among their arguments, their control groups or their open files."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            words = (place / "cmdline").read_text(errors="replace") + (place / "cgroup").read_text()
            if name in words or name in str((place / "fd/2").readlink()):
                found.append(place)
    return found


@contextmanager
def owner() -> Iterator[tuple[subprocess.Popen[str], Traces]]:
    """A process that has a node with a pod."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    try:
        traces = Traces(Path(process.stdout.readline().strip()).name)
        assert traces.name.startswith("ackp-"), "the node did not come up"
        yield process, traces
    finally:
        process.kill()
        process.communicate()


def supervisor_of(process: subprocess.Popen[str]) -> int:
    return int(said("pgrep", "--parent", str(process.pid)))


def process_one(traces: Traces) -> Path:
    """The first process inside, as this machine sees it."""
    inside = [place for place in processes(traces.name) if "cluster.node.inside" in (place / "cmdline").read_text()]
    (found,) = [
        place for place in inside if (place / "status").read_text().partition("NSpid:")[2].split()[1:2] == ["1"]
    ]
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_of_a_node_stays_after_its_owner_ended_by_a_signal(number: signal.Signals) -> None:
    with owner() as (process, traces):
        assert traces.found().keys() == ALL
        os.killpg(process.pid, number)  # as Ctrl-C reaches every process of a terminal's group
        process.wait()
        eventually(lambda: not traces.found())


def test_what_a_killed_supervisor_left_is_ended_by_the_kernel_and_removed_by_the_next_start() -> None:
    with owner() as (process, traces):
        os.kill(supervisor_of(process), signal.SIGKILL)
        eventually(lambda: not traces.found().keys() & {"processes", "link", "route", "mounts"})
        with owner() as (_, other):
            assert traces.found() == {}
            assert other.found().keys() == ALL


def test_a_node_changes_no_setting_of_the_machine_and_has_its_own_namespaces() -> None:
    before = [Path("/proc/sys", each).read_text() for each in SETTINGS]
    with owner() as (_, traces):
        assert [Path("/proc/sys", each).read_text() for each in SETTINGS] == before
        inside = process_one(traces)
        for kind in ("mnt", "net", "pid", "ipc", "uts"):
            assert (inside / "ns" / kind).readlink() != Path("/proc/self/ns", kind).readlink()
        assert "mounts" not in traces.found()
        assert "kube-proxy" not in said("nft", "list", "ruleset")
        assert "kube-proxy" in said("nsenter", f"--net={inside}/ns/net", "nft", "list", "ruleset")
    assert [Path("/proc/sys", each).read_text() for each in SETTINGS] == before


def test_a_node_that_does_not_come_up_says_which_process_ended_and_leaves_nothing(tmp_path: Path) -> None:
    for name in ("kubelet", "kube-proxy"):
        (tmp_path / name).write_text("#!/bin/sh\necho no such luck >&2\nexit 9\n")
        (tmp_path / name).chmod(0o755)
    found = {name: str(path) for name, path in vars(node_programs(Lines())).items()}
    supervisor = Supervisor({"programs": {**found, "node": str(tmp_path)}, "username": "user", "password": "word"})
    try:
        with pytest.raises(StartError, match="kubelet ended with code 9: no such luck"):
            supervisor.start()
    finally:
        supervisor.end()
    assert Traces(supervisor._record.cgroup).found() == {}


def test_the_node_says_the_pinned_versions_and_that_it_is_ready(node: Node, api: Api) -> None:
    (found,) = api.objects("v1", "Node")
    assert found["metadata"]["name"] == node.name
    info = found["status"]["nodeInfo"]
    assert info["kubeletVersion"] == f"v{VERSION}"
    assert info["containerRuntimeVersion"] == f"containerd://{CONTAINERD_VERSION}"
    assert {each["address"] for each in found["status"]["addresses"]} == {node.network.node, node.name}


def test_the_kubelet_may_read_only_what_its_own_pods_need(node: Node, api: Api, stack: Stack) -> None:
    kubelet = Api(node.kubeconfig.with_name(f"node-{node.name}.kubeconfig"))
    secret = stack.stated("environment-pull-secret")
    assert kubelet.live(secret)
    other = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other", "namespace": stack.namespace}}
    api.create(other)
    with pytest.raises(ApiException, match="no relationship found between node"):
        kubelet.live(other)


def test_the_registry_takes_images_only_with_the_login(node: Node, tmp_path: Path) -> None:
    archive = application(tmp_path / "application.tar", "application")
    pushed = node.registry.push(archive, "example.com/some/name:1")
    assert pushed == node.registry.push(archive, "example.com/some/name:2")
    stranger = replace(node.registry, password="another")
    with pytest.raises(OSError, match="401"):
        stranger.push(archive, "example.com/some/name:3")
