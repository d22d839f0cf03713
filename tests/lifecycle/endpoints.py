"""A stand-in for the ALB's server group: it follows a Service's EndpointSlices, and is late."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.api import Api
from tests.lifecycle.load import Backend

_LOOK_SECONDS = 0.25


class ServerGroup:
    """The ready endpoints of a Service as an ALB knows them: each change takes effect some seconds after it was made.

    How late the real one is, is not documented. ACK's help page lets a pod serve 10 s more in its preStop hook:
    https://help.aliyun.com/zh/ack/ack-managed-and-ack-dedicated/user-guide/alb-ingress-high-availability-best-practices

    Args:
        api: The cluster.
        namespace: The Service's namespace.
        service: Its name.
        late: Seconds until a change takes effect.
    """

    def __init__(self, api: Api, namespace: str, service: str, late: float) -> None:
        self._api = api
        self._namespace = namespace
        self._labels = {"kubernetes.io/service-name": service}
        self._late = late
        self._seen: deque[tuple[float, tuple[Backend, ...]]] = deque()
        self._current: tuple[Backend, ...] = ()
        self._turn = itertools.count()

    @contextmanager
    def running(self) -> Iterator[ServerGroup]:
        """Follow the Service while the block runs; what is ready at its beginning is known at once."""
        stop = threading.Event()
        self._current = self._ready()

        def follow() -> None:
            last = self._current
            while not stop.wait(_LOOK_SECONDS):
                if (found := self._ready()) != last:
                    last = found
                    self._seen.append((time.monotonic() + self._late, found))

        follower = threading.Thread(target=follow, name="server-group")
        follower.start()
        try:
            yield self
        finally:
            stop.set()
            follower.join()

    def choose(self) -> Backend | None:
        """The next backend, each in turn."""
        while self._seen and self._seen[0][0] <= time.monotonic():
            self._current = self._seen.popleft()[1]
        current = self._current
        return current[next(self._turn) % len(current)] if current else None

    def _ready(self) -> tuple[Backend, ...]:
        found = []
        for part in self._api.objects("discovery.k8s.io/v1", "EndpointSlice", self._namespace, self._labels):
            for endpoint in part.get("endpoints") or ():
                if endpoint["conditions"].get("ready"):
                    (port,) = part["ports"]
                    found.append(Backend(endpoint["targetRef"]["uid"], endpoint["addresses"][0], port["port"]))
        return tuple(sorted(found, key=lambda each: each.uid))
