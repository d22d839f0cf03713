"""The control plane itself: what holds on it, and that it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cluster import supervisor
from cluster.programs import VERSION, find_programs
from cluster.supervisor import Supervisor
from sandbox.progress import Lines
from tests.cluster.api import Api, ApiException, Object
from tests.settings import ROOT

POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "small", "namespace": "default"},
    "spec": {"containers": [{"name": "main", "image": "example.com/none:1"}]},
}


def namespace(api: Api, name: str, labels: dict[str, str] | None = None) -> Object:
    return api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}})


def eventually(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def pod_in(name: str) -> Object:
    return {**POD, "metadata": {"name": "small", "namespace": name}}


def test_four_nodes_in_two_zones_are_ready(api: Api) -> None:
    nodes = api.objects("v1", "Node")
    assert len(nodes) == 4
    assert len({each["metadata"]["labels"]["topology.kubernetes.io/zone"] for each in nodes}) == 2
    for each in nodes:
        assert {"Ready": "True"}.items() <= {c["type"]: c["status"] for c in each["status"]["conditions"]}.items()


def test_the_pinned_module_is_the_pinned_version() -> None:
    pins = (ROOT / "cluster" / "tools" / "go.mod").read_text(encoding="utf-8")
    assert f"\tk8s.io/kubernetes v{VERSION} " in pins
    assert "k8s.io/api => k8s.io/api v0." + VERSION.partition(".")[2] in pins


def test_a_pod_becomes_ready_and_a_job_completes(api: Api) -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": "default"},
        "spec": {"template": {"spec": {**POD["spec"], "restartPolicy": "Never"}}},
    }
    for each in (POD, job):
        api.create(each)
    eventually(lambda: _is(api.live(POD), "Ready"))
    eventually(lambda: _is(api.live(job), "Complete"))
    for each in (POD, job):
        api.delete(each)
        eventually(partial(_gone, api, each))


def test_a_pod_with_a_gate_is_ready_only_while_the_gate_is_open(api: Api) -> None:
    gated = {**POD, "metadata": {"name": "gated", "namespace": "default"}}
    gated["spec"] = {**POD["spec"], "readinessGates": [{"conditionType": "example.com/gate"}]}
    api.create(gated)
    eventually(lambda: _is(api.live(gated), "ContainersReady"))
    time.sleep(1)
    assert not _is(api.live(gated), "Ready")
    for status in ("True", "False"):
        condition = {"type": "example.com/gate", "status": status}
        form = "application/strategic-merge-patch+json"
        api.patch(gated, {"status": {"conditions": [condition]}}, form=form, part="status")
        eventually(partial(_has_ready, api, gated, ready=status == "True"))
    api.delete(gated)


def test_pod_security_refuses_what_a_namespace_does_not_allow(api: Api) -> None:
    name = "strict"
    created = namespace(api, name, {"pod-security.kubernetes.io/enforce": "restricted"})
    with pytest.raises(ApiException, match="violates PodSecurity"):
        api.create(pod_in(name), dry_run=True)
    api.delete(created)


def test_quotas_and_limit_ranges_are_in_force(api: Api) -> None:
    name = "small"
    created = namespace(api, name)
    limits = {"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "600m"}}
    for kind, spec in (("ResourceQuota", {"hard": {"requests.cpu": "1"}}), ("LimitRange", {"limits": [limits]})):
        stated = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "all", "namespace": name}, "spec": spec}
        api.create(stated)
    eventually(lambda: api.objects("v1", "ResourceQuota", name)[0].get("status", {}).get("hard"))
    eventually(lambda: api.read("v1", "ServiceAccount", "default", name))
    first = api.create(pod_in(name))
    assert first["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "600m"}
    second = {**POD, "metadata": {"name": "second", "namespace": name}}
    with pytest.raises(ApiException, match="exceeded quota"):
        api.create(second)
    api.delete(created)


def test_whoever_has_no_role_may_do_nothing(api: Api, kubeconfig: Path) -> None:
    scheduler = Api(kubeconfig.with_name("kube-scheduler.kubeconfig"))
    with pytest.raises(ApiException, match="cannot list resource"):
        scheduler.objects("v1", "Secret")
    assert api.objects("v1", "Secret") is not None  # the administrator may


def test_a_plane_beside_another_ends_when_its_owner_is_killed_and_leaves_nothing(api: Api, tmp_path: Path) -> None:
    code = (
        "import time; from cluster.plane import control_plane; from sandbox.progress import Lines\n"
        "with control_plane(Lines()) as path:\n"
        "    print(path, flush=True); time.sleep(600)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    assert owner.stdout is not None
    own = Path(owner.stdout.readline().strip())
    try:
        assert own.is_relative_to(tmp_path)
        assert len(Api(own).objects("v1", "Node")) == len(api.objects("v1", "Node"))
        assert len(_processes(own.parent)) == 6  # the five programs, and the process that owns them
    finally:
        owner.kill()
        owner.communicate()
    eventually(lambda: not _processes(own.parent))
    eventually(lambda: list(tmp_path.iterdir()) == [])


@pytest.mark.parametrize("which", [0, 3], ids=["etcd's", "the kubelets'"])
def test_a_port_that_was_taken_meanwhile_is_chosen_anew(
    which: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = supervisor._free_ports
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = choose(3)
        first.insert(which, taken.getsockname()[1])
        chosen = iter([first, choose(4)])
        monkeypatch.setattr(supervisor, "_free_ports", lambda _: next(chosen))
        plane = Supervisor(tmp_path / "plane", find_programs(Lines()))
        try:
            assert plane.start().exists()
        finally:
            plane.end()
    assert list(tmp_path.iterdir()) == []


def test_ackp_cluster_up_prints_the_kubeconfig_line_and_down_leaves_nothing(tmp_path: Path) -> None:
    def ackp(action: str) -> str:
        command = [sys.executable, "-c", "from cli.app import main; main()", "cluster", action]
        environment = {**os.environ, "ACKP_SANDBOX": str(tmp_path / "sandbox")}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert ackp("down") == "Control plane: there is none"
    line = ackp("up")
    path = Path(line.removeprefix("export KUBECONFIG="))
    try:
        assert path.stat().st_mode & 0o077 == 0
        assert len(Api(path).objects("v1", "Node")) == 4
        assert ackp("up") == line
        (first,) = [pid for pid, command in _processes(path.parent).items() if "cluster.supervisor" in command]
        os.kill(first, signal.SIGKILL)
    finally:
        assert ackp("down") == "Control plane: ended and removed"
    assert not _processes(path.parent)
    assert not path.parent.exists()


def _gone(api: Api, stated: Object) -> bool:
    return api.live(stated) is None


def _has_ready(api: Api, stated: Object, *, ready: bool) -> bool:
    return _is(api.live(stated), "Ready") is ready


def _is(stated: Object | None, condition: str) -> bool:
    conditions = ((stated or {}).get("status") or {}).get("conditions") or ()
    return any(each["type"] == condition and each["status"] == "True" for each in conditions)


def _processes(directory: Path) -> dict[int, str]:
    """The processes that have a plane's folder among their arguments."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in listed.splitlines()]
    return {int(pid): command for pid, command in lines if f"{directory}" in command}
