"""A service of the stack uat on a real node, whose container runs a shell script of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cluster.node.node import Node
from components.manifests.metadata import selector
from tests.cluster.api import Api, Object
from tests.cluster.platform import plan
from tests.node.images import application
from tests.node.pods import eventually, is_ready
from tests.settings import settings

NAMESPACE = "uat"
IMAGE = "registry-vpc.cn-hangzhou.aliyuncs.com/example/shell:1"


class Shells:
    """Deployments with the names and labels of the stack's services.

    Args:
        node: The node.
        api: Its administrator.
    """

    def __init__(self, node: Node, api: Api) -> None:
        self.node, self.api = node, api
        api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        secret = plan("test")["environment-pull-secret"].stated  # whose login the node's registry knows
        self._secret: str = secret["metadata"]["name"]
        api.create({**secret, "metadata": {"name": self._secret, "namespace": NAMESPACE}})
        with tempfile.TemporaryDirectory() as folder:
            node.registry.push(application(Path(folder) / "application.tar", "application"), IMAGE)
        eventually(lambda: api.read("v1", "ServiceAccount", "default", NAMESPACE))

    def stated(self, service: str, script: str, *, replicas: int = 1, pod: Object | None = None, **more: Any) -> Object:
        """A Deployment.

        Args:
            service: The service.
            script: What its container runs.
            replicas: How many pods.
            pod: Further fields of the pod.
            more: Further fields of the container.
        """
        labels = selector(settings("uat"), service)
        container = {"name": service, "image": IMAGE, "command": ["sh", "-c", script], **more}
        spec = {
            "containers": [container],
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "imagePullSecrets": [{"name": self._secret}],
            **(pod or {}),
        }
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": service, "namespace": NAMESPACE, "labels": labels},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": spec},
            },
        }

    def pods(self, service: str) -> list[Object]:
        """The pods of a service that are not on their way out, by name."""
        found = self.api.objects("v1", "Pod", NAMESPACE, selector(settings("uat"), service))
        there = [each for each in found if "deletionTimestamp" not in each["metadata"]]
        return sorted(there, key=lambda each: str(each["metadata"]["name"]))

    def ready(self, service: str, replicas: int) -> list[Object]:
        """Its pods, once that many are Ready."""

        def all_ready() -> list[Object] | None:
            found = self.pods(service)
            return found if len(found) == replicas and all(map(is_ready, found)) else None

        return eventually(all_ready)

    @contextmanager
    def up(self, stated: Object) -> Iterator[Object]:
        """Create a Deployment, and remove it and its pods with the block."""
        service = stated["metadata"]["name"]
        self.api.create(stated)
        try:
            yield stated
        finally:
            self.api.delete(stated, propagation="Foreground")
            eventually(partial(self._gone, service, stated))

    def _gone(self, service: str, stated: Object) -> bool:
        there = self.api.objects("v1", "Pod", NAMESPACE, selector(settings("uat"), service))
        return not there and self.api.live(stated) is None
