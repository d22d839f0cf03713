"""A shipped stack on a real node: its namespace, its volume, and those of its services that are asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cluster.node.node import Node
from tests.cluster.api import Api, Object
from tests.cluster.applier import Applier
from tests.cluster.platform import plan
from tests.cluster.program import Step
from tests.node.images import application

_ALWAYS = ("environment-", "nas-")
_PATIENCE = 180.0


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
        planned = plan(stack, **{**small, **changes})
        wanted = (*_ALWAYS, *(f"{each}-" for each in services))
        self.plan: dict[str, Step] = {
            name: step
            for name, step in planned.items()
            if name.startswith(wanted) and step.stated["kind"] not in ("Ingress", "AliyunLogConfig")
        }
        self.namespace: str = self.plan["environment-namespace"].stated["metadata"]["name"]
        self.server: str = self.object("nas-volume-volume")["spec"]["csi"]["volumeAttributes"]["server"]
        self.applier = Applier(api, _PATIENCE)

    @property
    def volume(self) -> Path:
        """The volume's root, on this machine."""
        path: str = self.object("nas-volume-volume")["spec"]["csi"]["volumeAttributes"]["path"]
        return self._node.nas(self.server) / path.strip("/")

    def object(self, name: str) -> Object:
        """A stated object, by its logical name."""
        return self.plan[name].stated

    def pods(self, service: str) -> list[Object]:
        """The live pods of a service."""
        labels = self.object(f"{service}-deployment")["spec"]["selector"]["matchLabels"]
        return self._api.objects("v1", "Pod", self.namespace, labels)

    def pod(self, service: str) -> Object:
        """The one live pod of a service that is not on its way out."""
        (found,) = [each for each in self.pods(service) if "deletionTimestamp" not in each["metadata"]]
        return found

    def push_images(self) -> None:
        """Push the test's application under the name of every image that the stack's services run."""
        self._node.nas(self.server)
        with tempfile.TemporaryDirectory() as folder:
            archive = application(Path(folder) / "application.tar", "application")
            for image in sorted(set(self._images())):
                self._node.registry.push(archive, image)

    @contextmanager
    def up(self) -> Iterator[Stack]:
        """The stack, up for as long as the block."""
        self.push_images()
        try:
            self.applier.up(self.plan)
            yield self
        finally:
            self.applier.down(self.plan)

    def _images(self) -> Iterator[str]:
        for step in self.plan.values():
            if step.stated["kind"] == "Deployment":
                pod = step.stated["spec"]["template"]["spec"]
                for container in (*pod.get("initContainers", ()), *pod["containers"]):
                    yield container["image"]


_SMALL: Mapping[str, object] = {"requests__cpu": "50m", "requests__memory": "64Mi"}
"""What the scheduler reserves on a small machine; limits stay as they are."""
