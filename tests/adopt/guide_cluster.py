"""The guide's cluster, running: its objects written, ACK's controllers at work, its pods Ready."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.adopt.guide import CERTIFICATES, guide_objects, shared_objects, write
from tests.cluster.api import Api, Object
from tests.cluster.controllers.alb import AlbIngressController
from tests.cluster.controllers.eip import EipController

_SECONDS = 180


class GuideCluster:
    """The guide's cluster.

    Args:
        api: A cluster, as its administrator.

    Attributes:
        api: The same.
    """

    def __init__(self, api: Api) -> None:
        self.api = api

    @contextmanager
    def at_work(self) -> Iterator[GuideCluster]:
        """Write what the environments share, and run ACK's controllers while the block runs."""
        write(self.api, shared_objects())
        with ExitStack() as stack:
            for controller in (AlbIngressController(self.api, CERTIFICATES), EipController(self.api)):
                stack.enter_context(controller.running())
            yield self

    def make(self, environment: str) -> None:
        """Write an environment: one of the guide's, or one of a test's own by another name."""
        write(self.api, guide_objects(environment))

    def settle(self, environment: str) -> None:
        """Wait until an environment is at rest: pods Ready, old ones gone, claim Bound, Ingresses served."""
        deadline = time.monotonic() + _SECONDS
        while late := list(self._late(environment)):
            assert time.monotonic() < deadline, f"not at rest after {_SECONDS} s: {late}"
            time.sleep(0.3)

    def pods(self, environment: str) -> list[Object]:
        """The pods of an environment."""
        return self.api.objects("v1", "Pod", environment)

    def _late(self, environment: str) -> Iterator[str]:
        wanted = 0
        scaled = {
            each["spec"]["scaleTargetRef"]["name"]: each["spec"]["minReplicas"]
            for each in self.api.objects("autoscaling/v2", "HorizontalPodAutoscaler", environment)
        }
        for each in self.api.objects("apps/v1", "Deployment", environment):
            name, status, replicas = each["metadata"]["name"], each.get("status") or {}, each["spec"]["replicas"]
            wanted += replicas
            counts = {status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")}
            seen = status.get("observedGeneration") == each["metadata"]["generation"]
            if not seen or counts != {replicas} or replicas < scaled.get(name, 0):
                yield f"Deployment/{name}: {status}"
        pods = self.pods(environment)
        if len(pods) != wanted:
            yield f"{len(pods)} pods instead of {wanted}"
        for each in pods:
            conditions = (each.get("status") or {}).get("conditions") or ()
            yield from (f"Pod/{each['metadata']['name']}: {one}" for one in conditions if one["status"] != "True")
        for each in self.api.objects("v1", "PersistentVolumeClaim", environment):
            if each["status"].get("phase") != "Bound":
                yield f"PersistentVolumeClaim/{each['metadata']['name']}: {each['status']}"
        for each in self.api.objects("networking.k8s.io/v1", "Ingress", environment):
            if not each["status"]["loadBalancer"].get("ingress"):
                yield f"Ingress/{each['metadata']['name']} has no address"
