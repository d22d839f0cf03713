"""The pods of a service, and what the API server has of their logs."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from adopt.connection import ClusterError, Connection, RefusedError
from components.manifests.metadata import selector
from config import StackSettings
from pod_logs.line import Line, lines_of

Told = Callable[[str, str], None]
"""Told what there is to say of a pod: its name, and the words."""


@dataclass(frozen=True)
class Wanted:
    """Which lines."""

    previous: bool = False
    """Those of the container before the last restart."""
    since_seconds: int | None = None
    """Those of the last seconds."""
    tail: int | None = None
    """The last ones of each pod."""

    @property
    def query(self) -> dict[str, str]:
        """As the API server is asked."""
        asked = {"sinceSeconds": self.since_seconds, "tailLines": self.tail}
        found = {key: str(value) for key, value in asked.items() if value is not None}
        return {**found, **({"previous": "true"} if self.previous else {})}


class ServicePods:
    """The pods of a service.

    Args:
        connection: to the stack's cluster.
        settings: the stack's settings.
        service: a service of it.
    """

    def __init__(self, connection: Connection, settings: StackSettings, service: str) -> None:
        self._connection = connection
        self.namespace = settings.namespace
        self.service = service
        self.container = settings.container(service)
        self._path = f"/api/v1/namespaces/{self.namespace}/pods"
        labels = selector(settings, service).items()
        self._selector = ",".join(f"{key}={value}" for key, value in labels)

    def names(self) -> list[str]:
        """The names of its pods, sorted.

        Raises:
            ClusterError: they cannot be read.
        """
        try:
            found = self._connection.get(self._path, {"labelSelector": self._selector})
        except RefusedError as error:
            raise self.refused("pods", "list", error) from None
        return sorted(str(each["metadata"]["name"]) for each in found["items"])

    def lines(self, pod: str, query: Mapping[str, str], *, endless: bool = False) -> Iterator[Line]:
        """The lines of a pod's log, the oldest first.

        Args:
            pod: its name.
            query: which; as for https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
            endless: whether the container's silence is no error.

        Raises:
            RefusedError: the pod is gone, or has no log yet.
            ClusterError: the API server does not answer, or lets nobody read it.
        """
        asked = {"container": self.container, "timestamps": "true", **query}
        try:
            yield from lines_of(pod, self._connection.stream(f"{self._path}/{pod}/log", asked, endless=endless))
        except RefusedError as error:
            if error.forbidden:
                raise self.refused("pods/log", "get", error) from None
            raise

    def merged(self, names: list[str], wanted: Wanted, told: Told) -> Iterator[Line]:
        """The lines of many pods in one order of time; of each pod, no more than a piece is in memory.

        Args:
            names: the pods.
            wanted: which lines.
            told: is told of each pod without a log, and goes on with the others.

        Raises:
            ClusterError: the API server does not answer, or lets nobody read them.
        """

        def of_one(pod: str) -> Iterator[Line]:
            try:
                yield from self.lines(pod, wanted.query)
            except RefusedError as error:
                told(pod, words(error))

        return heapq.merge(*(of_one(pod) for pod in names), key=lambda line: line.moment)

    def refused(self, resource: str, verb: str, error: RefusedError) -> ClusterError:
        """What to say where the account may not read."""
        return ClusterError(
            f"The logs of {self.service} in the namespace {self.namespace} cannot be read",
            said=str(error),
            mend=f"an administrator gives the verb {verb} on {resource} there: docs/rbac/observer.yaml"
            if error.forbidden
            else "",
        )


def words(error: RefusedError) -> str:
    """The server's words, those for a pod without a log made plain."""
    return "gone" if error.missing else str(error)
