"""A shipped stack on a real node: its namespace, its volume, and those of its services that are asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.node.node import Node
from tests.cluster.api import Api, Object
from tests.cluster.applier import Applier
from tests.cluster.platform import plan
from tests.cluster.program import Step
from tests.node.images import application
from tests.node.pods import eventually, is_ready, run_in

_ALWAYS = ("environment-", "nas-")
_PATIENCE = 180.0


@dataclass(frozen=True)
class Said:
    """A line of the test's application.

    Attributes:
        uptime: When, in seconds since the machine started; see `uptime()`.
        pod: The pod's name.
        text: What happened.
    """

    uptime: float
    pod: str
    text: str


def uptime() -> float:
    """Seconds since the machine started: the clock that this machine and its containers share."""
    return float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0])


class Stack:
    """What the program creates for a stack, without what only ACK has: ALB, log service, EIP.

    Args:
        node: The node.
        api: Its API.
        stack: Name of a shipped stack.
        services: Names of the services.
        changes: Settings by key path, with `__` for the dots, as for `plan`.

    Attributes:
        plan: Its objects.
        namespace: Its namespace.
        server: The domain name of its NAS mount target.
    """

    def __init__(self, node: Node, api: Api, stack: str, services: Sequence[str], changes: dict[str, object]) -> None:
        self._node, self._api = node, api
        small = {f"services__{name}__resources__{key}": value for name in services for key, value in _SMALL.items()}
        self._stack, self._services, self._changes = stack, services, {**small, **changes}
        self.plan = self._planned()
        self.namespace: str = self.plan["environment-namespace"].stated["metadata"]["name"]
        self.server: str = self.stated("nas-volume-volume")["spec"]["csi"]["volumeAttributes"]["server"]
        self.applier = Applier(api, _PATIENCE)

    @property
    def volume(self) -> Path:
        """The volume's root, on this machine."""
        path: str = self.stated("nas-volume-volume")["spec"]["csi"]["volumeAttributes"]["path"]
        return self._node.nas(self.server) / path.strip("/")

    def stated(self, name: str) -> Object:
        """A stated object, by its logical name."""
        return self.plan[name].stated

    def pods(self, service: str) -> list[Object]:
        """The live pods of a service, without those on their way out."""
        labels = self.stated(f"{service}-deployment")["spec"]["selector"]["matchLabels"]
        found = self._api.objects("v1", "Pod", self.namespace, labels)
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def ready_pod(self, service: str) -> Object:
        """The one pod of a service, once it is Ready."""

        def one() -> Object | None:
            found = self.pods(service)
            return found[0] if len(found) == 1 and is_ready(found[0]) else None

        return eventually(one)

    def said(self, service: str) -> list[Said]:
        """What a service's containers wrote into DATA_DIR, the first first."""
        mounts = self.stated(f"{service}-deployment")["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        (sub_path,) = [each["subPath"] for each in mounts if each["name"] == "data"]
        lines = (self.volume / sub_path / "application.log").read_text(encoding="utf-8").splitlines()
        return [Said(float(uptime), pod, text) for uptime, pod, text in (line.split(" ", 2) for line in lines)]

    def run(self, service: str, *command: str) -> str:
        """What a command says in the application's container of a service's one pod."""
        return self.run_in(self.ready_pod(service), *command)

    def run_in(self, pod: Object, *command: str) -> str:
        """What a command says in the first container of a pod, Ready or not."""
        return run_in(self._node.kubeconfig, pod, command)

    def push_images(self) -> None:
        """Push the test's application under the name of every image that the stack's services run."""
        self._node.nas(self.server)
        with tempfile.TemporaryDirectory() as folder:
            archive = application(Path(folder) / "application.tar", "application")
            for image in sorted(set(self._images())):
                self._node.registry.push(archive, image)

    def up(self) -> None:
        """Bring the stack up; it goes with the node."""
        self.push_images()
        self.applier.up(self.plan)

    def change(self, **changes: object) -> None:
        """Change settings of the stack that is up; returns when the rollout is done."""
        self._changes |= changes
        old, self.plan = self.plan, self._planned()
        self.push_images()
        self.applier.change(old, self.plan)

    def _planned(self) -> dict[str, Step]:
        wanted = (*_ALWAYS, *(f"{each}-" for each in self._services))
        planned = plan(self._stack, **self._changes).items()
        return {name: step for name, step in planned if name.startswith(wanted) and step.stated["kind"] != "Ingress"}

    def _images(self) -> Iterator[str]:
        for step in self.plan.values():
            if step.stated["kind"] == "Deployment":
                pod = step.stated["spec"]["template"]["spec"]
                for container in (*pod.get("initContainers", ()), *pod["containers"]):
                    yield container["image"]


_SMALL: Mapping[str, object] = {"requests__cpu": "50m", "requests__memory": "64Mi"}
"""What the scheduler reserves on a small machine; limits stay as they are."""
