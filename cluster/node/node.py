"""A real node, with a control plane of its own, for as long as a `with` block."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.node.control_groups import hierarchies
from cluster.node.network import Network
from cluster.node.programs import node_programs
from cluster.node.registry import Registry
from cluster.owner import ask
from sandbox.problem import SandboxError
from sandbox.process import bare_environment
from sandbox.progress import Progress

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Node:
    """A node that is Ready.

    Attributes:
        name: Its name.
        kubeconfig: The administrator's kubeconfig.
        network: Its addresses. From here pods and Services are reached at their own; pods reach servers of this machine
            that listen on `network.host`, and see no other network.
        registry: Where images go; every image name, whatever its registry, is pulled from it.
        directory: Its folder, with a log of each of its processes.
        cgroup: The control group of its pods, below each hierarchy's root.
    """

    name: str
    kubeconfig: Path
    network: Network
    registry: Registry
    directory: Path
    cgroup: str

    def nas(self, server: str) -> Path:
        """The root of a NAS file system, by its mount target's domain name; made first if it is not there."""
        root = self.directory / "nas" / server
        if not root.exists():
            root.mkdir()
            root.chmod(0o755)
        return root

    def control_groups(self, pod_uid: str, container_id: str | None = None) -> dict[str, Path]:
        """The control group of a pod or container, by controller (`memory`, `cpuacct`); by `""` in version 2.

        Args:
            pod_uid: `metadata.uid`.
            container_id: `status.containerStatuses[].containerID`, with or without `containerd://`.
        """
        found = {}
        for hierarchy in hierarchies():
            for pod in (hierarchy / self.cgroup).glob(f"kubepods/**/pod{pod_uid}"):
                group = pod if container_id is None else pod / container_id.rpartition("/")[2]
                found["" if hierarchy.name == "cgroup" else hierarchy.name] = group
        return found


@contextmanager
def real_node(progress: Progress, *, username: str, password: str) -> Iterator[Node]:
    """A node of one's own: kubelet, containerd, runc, pod network, kube-proxy, DNS, registry and a stand-in for NAS.

    It ends with the block, and also when this process is killed; nothing of it stays on the machine.

    Args:
        progress: Told about the build of the programs, on the first run.
        username: Who may pull from the node's registry, and push to it.
        password: And with which password.

    Yields:
        The node, Ready.

    Raises:
        WayFailedError: The programs cannot be built.
        SandboxError: This is not Linux, or one is not root, or it did not come up.
    """
    programs = {name: str(path) for name, path in vars(node_programs(progress)).items()}
    asked = {"programs": programs, "username": username, "password": password}
    process = subprocess.Popen(
        [sys.executable, "-m", "cluster.node.supervisor"],
        env=bare_environment(),
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        answer = ask(process, asked) or {"error": "its supervisor ended"}
        if "error" in answer:
            raise SandboxError(f"The node did not come up: {answer['error']}")
        network = Network(answer["network"])
        yield Node(
            name=answer["node"],
            kubeconfig=Path(answer["kubeconfig"]),
            network=network,
            registry=Registry(f"{network.node}:5000", username, password),
            directory=Path(answer["directory"]),
            cgroup=answer["cgroup"],
        )
    finally:
        process.communicate()  # closes its standard input, and waits for its end
