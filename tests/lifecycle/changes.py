"""What happens to a service's pods in its life: rollout, scaling, deletion, eviction, crash."""

from __future__ import annotations

import contextlib
import time
import urllib.request
from collections.abc import Callable
from typing import Final

from tests.cluster.api import Object
from tests.lifecycle.scene import REPLICAS, Scene

_SECONDS: Final = 300.0
_CALM_SECONDS: Final = 2.0


def rollout(scene: Scene) -> None:
    """A new version of every pod."""
    scene.roll()


def scale(scene: Scene) -> None:
    """One replica more, and away with it."""
    for replicas in (REPLICAS + 1, REPLICAS):
        scene.api.patch(scene.deployment, {"spec": {"replicas": replicas}}, part="scale")
        wait_until_complete(scene, replicas)


def delete(scene: Scene) -> None:
    """`kubectl delete pod`."""
    pod = scene.pods()[0]
    scene.api.delete(pod, propagation="Background")
    _wait_until_replaced(scene, pod)


def evict(scene: Scene) -> None:
    """What draining a node does to each pod: an eviction that the disruption budget admits."""
    pod = scene.pods()[0]
    metadata = {key: pod["metadata"][key] for key in ("name", "namespace")}
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
    scene.api.kind("v1", "Pod").eviction.create(body=body, **metadata)
    _wait_until_replaced(scene, pod)


def crash(scene: Scene) -> None:
    """A process ends at once, as after SIGKILL, and kubelet starts it again."""
    before = restarts(scene)
    address = scene.pods()[0]["status"]["podIP"]
    request = urllib.request.Request(f"http://{address}:80/trouble/crash", method="POST")
    with contextlib.suppress(OSError):  # it ends before it answers
        urllib.request.urlopen(request, timeout=5)  # noqa: S310 -- http, to a pod of ours
    _wait(lambda: restarts(scene) > before)
    wait_until_complete(scene)


CHANGES: Final[dict[str, Callable[[Scene], None]]] = {
    "rollout": rollout,
    "scale up and down": scale,
    "pod deleted": delete,
    "pod evicted": evict,
    "process killed": crash,
}
"""By the name that the table shows."""


def calm(scene: Scene) -> None:
    """Wait until no pod of the service is on its way out, and callers have noticed."""
    wait_until_complete(scene)
    _wait(lambda: len(scene.all_pods()) == len(scene.pods()))
    time.sleep(_CALM_SECONDS)


def restarts(scene: Scene) -> int:
    """How often containers of the provider were started again."""
    return sum(each["restartCount"] for pod in scene.pods() for each in pod["status"].get("containerStatuses") or ())


def wait_until_complete(scene: Scene, replicas: int = REPLICAS) -> None:
    """Wait until so many pods are available, and no fewer are wanted."""

    def complete() -> bool:
        live = scene.api.live(scene.deployment)
        assert live is not None
        status = live["status"]
        return bool(
            status.get("observedGeneration") == live["metadata"]["generation"]
            and status.get("availableReplicas") == status.get("replicas") == replicas
        )

    _wait(complete)


def _wait_until_replaced(scene: Scene, gone: Object) -> None:
    """Wait until as many pods as before are available without one of them: the Deployment's status lags behind."""
    _wait(
        lambda: len([each for each in scene.pods() if each["metadata"]["uid"] != gone["metadata"]["uid"]]) == REPLICAS
    )
    wait_until_complete(scene)


def _wait(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not met():
        assert time.monotonic() < deadline, f"not after {_SECONDS:.0f} s"
        time.sleep(0.2)
