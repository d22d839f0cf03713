"""The log retention of the stack uat, run by hand as its page says."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from types import MappingProxyType
from urllib.parse import urlsplit

from tests.cluster.api import Api, Object
from tests.cluster.platform import plan
from tests.cluster.retention.container import Container
from tests.cluster.retention.image import Image
from tests.cluster.retention.nas import Nas

STACK = "uat"
CRON_JOB = "log-retention-cron-job"
"""The CronJob's logical name."""
USER = 10001

_SECONDS = 60


def job_from(cron_job: Object, name: str) -> Object:
    """What `kubectl create job NAME --from=cronjob/…` posts.

    Source: https://github.com/kubernetes/kubectl/blob/master/pkg/cmd/create/create_job.go
    """
    template, owner = cron_job["spec"]["jobTemplate"], cron_job["metadata"]
    reference = {"apiVersion": "batch/v1", "kind": "CronJob", "name": owner["name"], "uid": owner.get("uid")}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": owner["namespace"],
            "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
            "labels": template["metadata"]["labels"],
            **({"ownerReferences": [reference]} if owner.get("uid") else {}),
        },
        "spec": template["spec"],
    }


def switched_on() -> Object:
    """The CronJob once its page's last step is taken, as the program renders it."""
    return plan(STACK, logRetention__suspend=False, logRetention__dryRun=False)[CRON_JOB].stated


def live_pods(api: Api) -> set[str]:
    """The names of the namespace's pods."""
    return {each["metadata"]["name"] for each in api.objects("v1", "Pod", STACK)}


def pod_of(api: Api, job: Object) -> Object:
    """A Job's pod, once a node has it."""
    deadline = time.monotonic() + _SECONDS
    while True:
        pods = api.objects("v1", "Pod", STACK, {"batch.kubernetes.io/job-name": job["metadata"]["name"]})
        if pods and "nodeName" in pods[0]["spec"]:
            return pods[0]
        events = [text for text in api.warnings(STACK) if job["metadata"]["name"] in text]
        assert time.monotonic() < deadline, f"{job['metadata']['name']} has no pod on a node: {events}"
        time.sleep(0.1)


def remove(api: Api, stated: Object) -> None:
    """Delete an object, and wait until it and what is its own are gone."""
    api.delete(stated)
    deadline = time.monotonic() + _SECONDS
    while api.live(stated):
        assert time.monotonic() < deadline, f"{stated['metadata']['name']} is still there"
        time.sleep(0.1)


class Retention:
    """Runs of the job over a directory of this machine, in the place of the environment's directory on the NAS.

    Args:
        api: The cluster, with the stack up.
        server: The API server's address on this machine.
        share: The folder in the NAS's place; it exists.
        pods: The live pods of a reporting and of a removing run.
        images: The image for each shell.
        folder: Where to make volumes; it exists.

    Attributes:
        server: The API server's address by the name that the pod states. Of the port, the pod has 443 of a Service's
            address, and this machine has not.
        nas: The environment's directory.
    """

    def __init__(
        self, api: Api, *, server: str, share: Path, pods: dict[bool, Object], images: dict[str, Image], folder: Path
    ) -> None:
        self.api, self._pods = api, pods
        self.server = self._at(urlsplit(server).port)
        self._containers = {}
        self._share, self._folder, self._image = share, folder, next(iter(images.values()))
        for dry_run, pod in pods.items():
            for shell, image in images.items():
                place = folder / f"{shell}-{dry_run}"
                place.mkdir()
                self._containers[shell, dry_run] = Container(api, pod, image, {f"{STACK}-nas": share}, place)
        (mount,) = (each for each in pods[True]["spec"]["containers"][0]["volumeMounts"] if each["name"] == "data")
        self.nas = Nas(share / mount["subPath"], USER)

    def pod(self, *, dry_run: bool = False) -> str:
        """The name of the pod that a run is in."""
        return str(self._pods[dry_run]["metadata"]["name"])

    def account(self, shell: str) -> Path:
        """Where the token of a removing run is, with what comes with it."""
        return self._containers[shell, False].account

    def run(
        self,
        shell: str,
        *,
        dry_run: bool = False,
        port: int | None = None,
        changes: Mapping[str, str] = MappingProxyType({}),
    ) -> CompletedProcess[str]:
        """One run.

        Args:
            shell: What /bin/sh is.
            dry_run: Whether in the pod that only reports.
            port: Another server's than the API server's.
            changes: Variables that have another value than the pod states.
        """
        server = self._at(port) if port else self.server
        return self._containers[shell, dry_run].run(**{"API_SERVER": server, **changes})

    @contextmanager
    def another(self, job: Object) -> Iterator[Container]:
        """The container of another Job's pod, over the same directory, until the block ends."""
        made = self.api.create(job)
        place = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield Container(self.api, pod_of(self.api, made), self._image, {f"{STACK}-nas": self._share}, place)
        finally:
            remove(self.api, made)

    def _at(self, port: int | None) -> str:
        (stated,) = (each for each in self._pods[True]["spec"]["containers"][0]["env"] if each["name"] == "API_SERVER")
        return f"{stated['value']}:{port}"
