"""A control loop in a thread."""

from __future__ import annotations

import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from urllib3.exceptions import HTTPError

from tests.cluster.api import STRATEGIC, Api, ApiException, Object

_PERIOD_SECONDS = 0.3
_CONFLICT = 409
_GONE = 404


class Controller(ABC):
    """Compares what is with what should be, again and again.

    Args:
        api: The cluster.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self._failures: list[str] = []

    @abstractmethod
    def reconcile(self) -> None:
        """One pass over everything."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run while the block runs.

        Raises:
            AssertionError: A pass failed: the imitation is wrong, and nothing that was seen with it counts.
        """
        stop = threading.Event()
        thread = threading.Thread(target=self._run, args=(stop,), name=type(self).__name__)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert not self._failures, self._failures[0]

    def open_gate(self, pod: Object, gate: str) -> None:
        """Set a readiness gate's condition of a pod to True; whether the pod is Ready is the kubelet's to say."""
        if gate in gates(pod) and not met(pod, gate):
            condition = {"type": gate, "status": "True", "lastTransitionTime": now()}
            self.api.patch(pod, {"status": {"conditions": [condition]}}, form=STRATEGIC, part="status")

    def warn(self, about: Object, reason: str, message: str) -> None:
        """Write a Warning event."""
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "default")
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{metadata['name']}.", "namespace": namespace},
            "involvedObject": {
                "apiVersion": about["apiVersion"],
                "kind": about["kind"],
                "name": metadata["name"],
                "namespace": metadata.get("namespace", ""),
                "uid": metadata["uid"],
            },
            "type": "Warning",
            "reason": reason,
            "message": message,
            "source": {"component": type(self).__name__},
        }
        self.api.create(event)

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(_PERIOD_SECONDS):
            try:
                self.reconcile()
            except ApiException as error:
                if error.status not in (_CONFLICT, _GONE):  # what changed or went meanwhile is seen in the next pass
                    self._failures.append(str(error))
            except HTTPError:  # the API server is away; its return is seen in the next pass
                continue
            except Exception:  # noqa: BLE001 - a thread's error has no other way out
                self._failures.append(traceback.format_exc())


def gates(pod: Object) -> set[str]:
    """The readiness gates of a pod."""
    return {gate["conditionType"] for gate in pod["spec"].get("readinessGates") or ()}


def met(pod: Object, condition: str) -> bool:
    """Whether a condition of a pod is True."""
    conditions = pod["status"].get("conditions") or ()
    return any(each["type"] == condition and each["status"] == "True" for each in conditions)


def now() -> str:
    """The time, as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
