"""What goes wrong with a service that is registered with Nacos, on a real node, and the state in which it ends.

A healthy pod is never invisible for more than 15 s; a dead one is gone when the registry has seen its connection break.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.registration import SIDECAR_NAME
from tests.cluster.api import STRATEGIC, Object
from tests.lifecycle.changes import calm, wait_until_complete
from tests.lifecycle.scene import PROVIDER, REPLICAS, Scene
from tests.node.conftest import LifeCycle
from tests.node.pods import answers, eventually, is_gone, is_ready, restarts_of, status_of

HEALTHY_SECONDS = 15.0
"""For how long a healthy pod may be invisible."""
MACHINE_SECONDS = 10.0
"""What a machine that is busy with other things may add."""
DETECTION_SECONDS = 30.0
"""Within which the registry drops an instance whose connection has broken."""


@pytest.fixture
def scene(life_cycle: LifeCycle) -> Iterator[Scene]:
    """The provider with its two pods, both Ready and visible, and so again after each test."""
    found = life_cycle.scene
    yield found
    wait_until_all_visible(found)
    calm(found)


def wait_until_all_visible(scene: Scene) -> None:
    def all_visible() -> bool:
        addresses = {each["status"].get("podIP") for each in scene.pods()}  # None until a new pod has one
        return len(addresses) == REPLICAS and scene.visible() == addresses

    eventually(all_visible, 300)


def address(pod: Object) -> str:
    ip: str = pod["status"]["podIP"]
    return ip


def live(scene: Scene, pod: Object) -> Object:
    found = scene.api.live(pod)
    assert found, "the pod itself is to stay"
    return found


def said_of(scene: Scene, pod: Object) -> list[str]:
    """What the events of a pod say."""
    events = scene.api.objects("v1", "Event", scene.namespace)
    return [each["message"] for each in events if each["involvedObject"].get("uid") == pod["metadata"]["uid"]]


def trouble(pod: Object, what: str) -> None:
    request = urllib.request.Request(f"http://{address(pod)}:80/trouble/{what}", method="POST")
    with contextlib.suppress(OSError):  # it may end before it answers
        urllib.request.urlopen(request, timeout=5)  # noqa: S310 -- http, to a pod of ours


def ended_with(scene: Scene, pod: Object, restarts: int) -> int:
    """The exit code of the application once it was started again for the given time."""
    eventually(lambda: restarts_of(live(scene, pod), PROVIDER) >= restarts, 240)
    code: int = status_of(live(scene, pod), PROVIDER)["lastState"]["terminated"]["exitCode"]
    return code


def dumps(life_cycle: LifeCycle, pod: Object) -> list[Path]:
    """The heap dumps of a pod on the volume, in the order of its starts."""
    directory = life_cycle.scene.stack.volume / "product" / "test" / PROVIDER / "dumps" / pod["metadata"]["name"]
    return sorted(directory.glob("*/java_pid*.hprof"))


def back_after(scene: Scene, pod: Object) -> float:
    """Seconds from the pod's process answering until the instance is visible."""
    ready = f"http://{address(pod)}:80/actuator/health/readiness"
    eventually(lambda: answers(ready), 240)
    began = time.monotonic()
    eventually(lambda: address(pod) in scene.visible(), 240)
    return time.monotonic() - began


def test_g16_out_of_memory_ends_the_process_leaves_a_dump_on_the_nas_and_the_next_one_too(
    life_cycle: LifeCycle, scene: Scene
) -> None:
    pod = scene.pods()[0]
    for time_ in (1, 2):
        restarts = restarts_of(live(scene, pod), PROVIDER) + 1
        trouble(pod, "leak")
        assert ended_with(scene, pod, restarts) == 3
        assert len(dumps(life_cycle, pod)) == time_
        assert back_after(scene, pod) < HEALTHY_SECONDS + MACHINE_SECONDS
        eventually(lambda: is_ready(live(scene, pod)), 240)
    first, second = dumps(life_cycle, pod)
    assert first.parent != second.parent
    for dump in (first, second):
        assert dump.stat().st_size > 10 << 20
        with dump.open("rb") as file:
            assert file.read(12) == b"JAVA PROFILE"
        dump.unlink()


def test_g16_a_process_that_is_killed_leaves_the_list_and_its_successor_enters_it(
    life_cycle: LifeCycle, scene: Scene
) -> None:
    pod = scene.pods()[0]
    status = status_of(pod, PROVIDER)
    for group in life_cycle.node.control_groups(pod["metadata"]["uid"], status["containerID"]).values():
        for process in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
    killed = time.monotonic()
    eventually(lambda: address(pod) not in scene.visible())
    assert time.monotonic() - killed < DETECTION_SECONDS + MACHINE_SECONDS
    assert ended_with(scene, pod, status["restartCount"] + 1) == 137
    assert back_after(scene, pod) < HEALTHY_SECONDS + MACHINE_SECONDS
    assert restarts_of(live(scene, pod), SIDECAR_NAME) == 0


def test_g16_readiness_that_comes_and_goes_takes_the_instance_and_the_pod_with_it(scene: Scene) -> None:
    pod = scene.pods()[0]
    for _ in range(2):
        trouble(pod, "unready")
        eventually(lambda: address(pod) not in scene.visible())
        eventually(lambda: not is_ready(live(scene, pod)))
        trouble(pod, "ready")
        assert back_after(scene, pod) < HEALTHY_SECONDS + MACHINE_SECONDS
        eventually(lambda: is_ready(live(scene, pod)))
    assert restarts_of(live(scene, pod), PROVIDER) == restarts_of(pod, PROVIDER)


@contextlib.contextmanager
def registry_down(scene: Scene) -> Iterator[None]:
    scene.nacos.stop()
    try:
        yield
    finally:
        scene.nacos.start()


def test_g16_a_registry_that_restarts_takes_no_pod_out_of_service(scene: Scene) -> None:
    with registry_down(scene):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            assert [is_ready(live(scene, pod)) for pod in scene.pods()] == [True] * REPLICAS
            time.sleep(1)
    began = time.monotonic()
    wait_until_all_visible(scene)
    assert (
        time.monotonic() - began < DETECTION_SECONDS + HEALTHY_SECONDS + MACHINE_SECONDS
    )  # the client comes back first


def test_g16_without_nacos_a_pod_ends_in_its_grace_and_its_successor_is_ready_with_the_reason_told(
    scene: Scene,
) -> None:
    pod = scene.pods()[0]
    others = {each["metadata"]["uid"] for each in scene.pods()}
    with registry_down(scene):
        began = time.monotonic()
        scene.api.delete(pod, propagation="Background")
        eventually(lambda: is_gone(scene.api, pod))
        assert time.monotonic() - began < scene.cycle.grace + MACHINE_SECONDS
        (successor,) = [each for each in scene.pods() if each["metadata"]["uid"] not in others]
        eventually(lambda: is_ready(live(scene, successor)), 300)
        eventually(lambda: any("Nacos does not tell for" in each for each in said_of(scene, successor)))
    eventually(lambda: address(live(scene, successor)) in scene.visible(), 120)


def test_g16_a_start_beyond_its_budget_is_never_visible_and_the_old_pods_serve_on(scene: Scene) -> None:
    before = {address(each) for each in scene.pods()}
    names = {each["metadata"]["name"] for each in scene.pods()}
    stated = scene.deployment
    container = stated["spec"]["template"]["spec"]["containers"][0]
    slow = {
        "name": container["name"],
        "command": ["sh", "-c", "trap 'exit 143' TERM; sleep 600 & wait"],
        "startupProbe": {"failureThreshold": 2, "periodSeconds": 5},
    }
    scene.api.patch(stated, {"spec": {"template": {"spec": {"containers": [slow]}}}}, form=STRATEGIC)

    def newcomer() -> Object | None:
        return next((each for each in scene.pods() if each["metadata"]["name"] not in names), None)

    new = eventually(newcomer)
    eventually(lambda: restarts_of(live(scene, new), PROVIDER) >= 1, 300)
    assert scene.visible() == before
    assert not is_ready(live(scene, new))
    usual = {"name": container["name"], "command": None, "startupProbe": container["startupProbe"]}
    scene.api.patch(stated, {"spec": {"template": {"spec": {"containers": [usual]}}}}, form=STRATEGIC)
    eventually(lambda: is_gone(scene.api, new), 180)
    wait_until_complete(scene)
    assert {each["metadata"]["name"] for each in scene.pods()} == names
