"""The first process in a node's own namespaces: it starts the node, and the kernel ends everything when it ends.

`python -m cluster.node.inside` runs as process 1 of new process, mount and network namespaces. It says
`{"entered": ""}`, reads one line of JSON (the fields of `Components`), and says `{"node": name, "kubeconfig": path}` or
`{"error": text}`. When its standard input closes it ends, and with process 1 the kernel kills every process, unmounts
every mount and removes every interface, rule and route of the namespaces, whatever was going on in them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path

from cluster.administrator import create_all, nodes_are_ready, request
from cluster.node import network
from cluster.node.command import run
from cluster.node.components import KUBELET, SANDBOX_IMAGE, Components
from cluster.node.image import write_image
from cluster.node.network import Network
from cluster.node.programs import NodePrograms
from cluster.owner import say
from cluster.processes import Processes, StartError

_RESOURCES = Path(__file__).parent / "resources"
_OF_THE_WHOLE_MACHINE = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
"""Settings that no namespace keeps apart, and that kubelet writes when it starts."""


def main() -> int:
    """Enter, start, and stay until the input closes."""
    say({"entered": ""})
    components = _read(json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        processes = _start(components)
        say({"node": components.name, "kubeconfig": str(components.plane.kubeconfig("admin"))})
        while True:
            processes.watch()
            _bury(processes)
            time.sleep(1)
    except StartError as error:
        say({"error": str(error)})
    except OSError as error:
        say({"error": f"{type(error).__name__}: {error}"})
    return 1


def _read(stated: dict[str, object]) -> Components:
    programs = {name: Path(path) for name, path in dict(stated["programs"]).items()}  # type: ignore[call-overload] # JSON
    return Components(
        directory=Path(str(stated["directory"])),
        programs=NodePrograms(**programs),
        network=Network(str(stated["network"])),
        cgroup=str(stated["cgroup"]),
        username=str(stated["username"]),
        password=str(stated["password"]),
    )


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _start(components: Components) -> Processes:
    _mount(components.directory)
    network.enter(components.network)
    plane, processes = components.plane, Processes(components.directory)
    for folder in (plane.directory, components.directory / "nas"):
        folder.mkdir(mode=0o755)
    plane.write_users()
    components.write_files()
    search = {**os.environ, "PATH": f"{components.programs.containerd}:{os.environ['PATH']}:/usr/sbin:/sbin"}
    processes.spawn({**plane.first(), **components.runtime()}, search)
    processes.wait("the API server is ready", lambda: request(plane, "/readyz"))
    processes.spawn(plane.second())
    create_all(plane, _RESOURCES / "objects.yaml")
    pause, busybox = components.directory / "pause.tar", Path(shutil.which("busybox") or "busybox")
    write_image(pause, SANDBOX_IMAGE, {"bin/busybox": busybox}, ["/bin/busybox", "sleep", str(2**31 - 1)])
    processes.wait("containerd takes an image", lambda: components.load(pause))
    processes.spawn(components.agents(), search)
    processes.wait("the node is Ready", lambda: nodes_are_ready(plane))
    processes.wait("the NAS driver is registered", lambda: _driver_is_registered(components))
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    processes.wait("pods can be created", lambda: request(plane, account))
    return processes


def _mount(directory: Path) -> None:
    """Give the node folders of its own where programs expect them, and keep its hands off the machine's settings."""
    run("mount", "--make-rshared", "/")  # among the namespaces of this node: kubelet's mounts reach its containers
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for place in ("/var/lib", "/var/log"):
        own = directory / place.strip("/")
        own.mkdir(parents=True)
        run("mount", "--bind", own, place)
    for setting in _OF_THE_WHOLE_MACHINE:
        machines, own = Path("/proc/sys", setting), directory / "sysctl" / setting
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_bytes(machines.read_bytes())
        run("mount", "--bind", own, machines)
    KUBELET.mkdir()


def _driver_is_registered(components: Components) -> bool:
    path = f"/apis/storage.k8s.io/v1/csinodes/{components.name}"
    return bool(json.loads(request(components.plane, path))["spec"].get("drivers"))


def _bury(processes: Processes) -> None:
    """Process 1 inherits whatever its parent left, and must take note of its end."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in processes.ids:
            return
        os.waitpid(ended.si_pid, 0)


if __name__ == "__main__":
    sys.exit(main())
