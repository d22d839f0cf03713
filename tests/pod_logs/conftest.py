"""A service of the stack uat with imitated pods on a real control plane, all of which have one log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from cluster.plane import RunningPlane, running_plane
from components.manifests.metadata import selector
from sandbox.progress import Lines
from tests.cluster.api import MERGE, Api, Object
from tests.node.pods import eventually, is_ready
from tests.settings import settings

NAMESPACE, SERVICE = "uat", "study"


@dataclass(frozen=True)
class Pods:
    """The pods of the service study.

    Attributes:
        plane: The control plane.
        api: The cluster, as its administrator.
        deployment: What makes them.
    """

    plane: RunningPlane
    api: Api
    deployment: Object

    def say(self, *texts: str) -> None:
        """Write lines into the log of each, now.

        Source of the form: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
        """
        with self.plane.container_log.open("a", encoding="utf-8") as file:
            for text in texts:
                now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
                file.write(f"{now} stdout F {text}\n")

    def names(self) -> list[str]:
        """Their names."""
        found = self.api.objects("v1", "Pod", NAMESPACE, selector(settings("uat"), SERVICE))
        return sorted(each["metadata"]["name"] for each in found)

    def scale(self, replicas: int) -> list[str]:
        """Let there be so many, all Ready; returns their names."""
        self.api.patch(self.deployment, {"spec": {"replicas": replicas}}, form=MERGE)

        def done() -> bool:
            found = self.api.objects("v1", "Pod", NAMESPACE, selector(settings("uat"), SERVICE))
            return len(found) == replicas and all(map(is_ready, found))

        eventually(done)
        return self.names()


@pytest.fixture(scope="package")
def plane() -> Iterator[RunningPlane]:
    """A control plane whose API server can be killed."""
    with running_plane(Lines()) as found:
        yield found


def deployed(plane: RunningPlane) -> Pods:
    """The service on a control plane, without pods."""
    api = Api(plane.kubeconfig)
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    eventually(lambda: api.read("v1", "ServiceAccount", "default", NAMESPACE))
    labels = selector(settings("uat"), SERVICE)
    spec = {"containers": [{"name": SERVICE, "image": "example.com/study:1"}]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": SERVICE, "namespace": NAMESPACE},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    api.create(deployment)
    return Pods(plane, api, deployment)


@pytest.fixture(scope="package")
def service(plane: RunningPlane) -> Pods:
    """The service, without pods."""
    return deployed(plane)


@pytest.fixture
def pods(service: Pods) -> Iterator[Pods]:
    """The service with two pods and an empty log, and none afterwards."""
    service.plane.container_log.write_text("")
    service.scale(2)
    yield service
    service.scale(0)
