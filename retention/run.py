"""One run of the log retention in the cluster: made, waited for, read, and gone afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from adopt.connection import ClusterError, Connection, RefusedError
from adopt.server import path_of
from components.manifests.log_retention import PODS
from config.log_retention import JOB_NAME
from pod_logs.line import lines_of
from retention.job import Object

START_SECONDS = 300
"""How long a pod may take until its container runs: an image may have to be pulled."""
_LOOK_SECONDS = 1.0
_SHARE_OF_READING = 10
"""After a log was read for a second, ten pass until it is read again: it grows with what is removed."""
_HOPELESS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "RunContainerError")
_BACKGROUND = {"propagationPolicy": "Background"}

Told = Callable[[str], None]


class Run:
    """A run of a namespace's log retention.

    Args:
        connection: to the cluster.
        namespace: the stack's namespace.

    Attributes:
        name: The Job's name; empty before it is made.
        exit_code: How it ended; None before that.
    """

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection, self._namespace = connection, namespace
        self.name = ""
        self.exit_code: int | None = None

    def cron_job(self) -> Object:
        """The live CronJob.

        Raises:
            ClusterError: there is none, it cannot be read, or a run of it is at work.
        """
        labels = ",".join(f"{key}={value}" for key, value in PODS.items())
        try:
            found = self._connection.get(self._path("batch/v1", "CronJob", JOB_NAME))
            jobs = self._connection.get(self._path("batch/v1", "Job"), {"labelSelector": labels})["items"]
        except RefusedError as error:
            raise self._refused(error) from None
        for each in jobs:
            if (each.get("status") or {}).get("active"):
                name, since = each["metadata"]["name"], each["metadata"]["creationTimestamp"]
                what = f"The Job {name} cleans the namespace {self._namespace} since {since}"
                raise ClusterError(
                    what, mend=f"wait for its end, or end it: kubectl delete job {name} -n {self._namespace}"
                )
        return found

    def begin(self, job: Object) -> None:
        """Make the Job.

        Raises:
            ClusterError: the API server refuses it, or does not answer.
        """
        try:
            made = self._connection.post(self._path("batch/v1", "Job"), job)
        except RefusedError as error:
            raise self._refused(error) from None
        self.name = made["metadata"]["name"]

    def wait(self, told: Told) -> None:
        """Wait until the run's container has started.

        Args:
            told: is told what it waits for.

        Raises:
            ClusterError: it does not start.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            pod = self._pod()
            state = _state(pod) if pod is not None else {}
            if "running" in state or "terminated" in state:
                return
            waiting = state.get("waiting") or {"reason": "it waits for a node" if pod else "there is none yet"}
            told(f"Waiting for the pod: {waiting['reason']}")
            if waiting["reason"] in _HOPELESS or time.monotonic() > deadline:
                said = waiting.get("message") or self._warning()
                what = f"The pod of the Job {self.name} does not start: {waiting['reason']}"
                raise ClusterError(what, said=said, mend=f"logRetention.image, or the namespace {self._namespace}")
            time.sleep(_LOOK_SECONDS)

    def lines(self) -> Iterator[str]:
        """What the run says, line by line, until it has ended and its exit code is known.

        Raises:
            ClusterError: the pod is gone, the API server does not answer, or the account may not read it.
        """
        shown = 0
        while True:
            pod = self._pod()
            if pod is None:
                raise ClusterError(f"The pod of the Job {self.name} was removed before its end", mend="run it again")
            self.exit_code, began = exit_code(pod), time.monotonic()
            for number, line in enumerate(self._log(pod), 1):
                if number > shown:
                    yield line
                    shown = number
            if self.exit_code is not None:
                return
            time.sleep(_LOOK_SECONDS + _SHARE_OF_READING * (time.monotonic() - began))

    def end(self) -> str:
        """Remove the Job with its pod; where that fails, what is left and how to remove it, else empty."""
        if not self.name:
            return ""
        said = self._connection.removal_failure(self._path("batch/v1", "Job", self.name), _BACKGROUND)
        if not said:
            return ""
        return f"The Job {self.name} is left: {said}\n  kubectl delete job {self.name} -n {self._namespace}"

    def _pod(self) -> Object | None:
        selector = {"labelSelector": f"batch.kubernetes.io/job-name={self.name}"}
        try:
            found = self._connection.get(self._path("v1", "Pod"), selector)["items"]
        except RefusedError as error:
            raise self._refused(error) from None
        return found[0] if found else None

    def _log(self, pod: Object) -> Iterator[str]:
        name = pod["metadata"]["name"]
        asked = {"container": JOB_NAME, "timestamps": "true"}
        try:
            pieces = self._connection.stream(f"{self._path('v1', 'Pod', name)}/log", asked)
            yield from (line.text for line in lines_of(name, pieces))
        except RefusedError as error:
            raise self._refused(error) from None

    def _warning(self) -> str:
        """The last warning about the Job, where it may be read."""
        try:
            found = self._connection.get(self._path("v1", "Event"), {"fieldSelector": "type=Warning"})["items"]
        except (RefusedError, ClusterError):
            return ""
        own = [each for each in found if each["involvedObject"].get("name", "").startswith(self.name)]
        return own[-1]["message"] if own else ""

    def _path(self, api_version: str, kind: str, name: str | None = None) -> str:
        return path_of(api_version, kind, name, self._namespace)

    def _refused(self, error: RefusedError) -> ClusterError:
        if error.missing:
            return ClusterError(
                f"The namespace {self._namespace} has no CronJob {JOB_NAME}",
                mend="set logRetention.image in the stack file, and `pulumi up`",
            )
        mend = "an administrator gives the rights: docs/rbac/cleaner.yaml" if error.forbidden else ""
        return ClusterError(
            f"The logs of the namespace {self._namespace} cannot be cleaned", said=str(error), mend=mend
        )


def exit_code(pod: Object) -> int | None:
    """The exit code of the run in a pod; None before its end."""
    code: int | None = _state(pod).get("terminated", {}).get("exitCode")
    return code


def _state(pod: Object) -> Object:
    statuses = pod["status"].get("containerStatuses") or [{}]
    found: Object = statuses[0].get("state") or {}
    return found
