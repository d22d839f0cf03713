"""A pod's way into Nacos and out of it, with a real registry and real Spring Boot services of both version pairs."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sandbox.progress import Lines
from tests.lifecycle.addresses import address
from tests.lifecycle.jars import BOOT_2_7, PAIRS, Pair, jars
from tests.lifecycle.pods import PORT, Pod, running, stack, wait_for, watched
from tests.lifecycle.registry import Registry, registry

HEALTHY_SECONDS = 15.0
"""For how long a healthy pod may be invisible."""
ADDED_SECONDS = 3.0
"""What the sidecar may add to the time until a pod is Ready."""
MACHINE_SECONDS = 10.0
"""What a machine that is busy with other things may add to either."""
INSTANCE = "/nacos/v1/ns/instance"
ONE_PAIR = pytest.mark.parametrize("pair", [BOOT_2_7], ids=["boot-2.7"], indirect=True)
"""For what does not depend on the client's version."""


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: pair.profile)
def pair(request: pytest.FixtureRequest) -> Pair:
    chosen: Pair = request.param
    jars(chosen, Lines())
    return chosen


@pytest.fixture(scope="module")
def nacos(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(address(), tmp_path_factory.mktemp(pair.profile)) as made:
        yield made


@pytest.fixture(scope="module")
def provider(nacos: Registry, pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    """A pod that is Ready, and is so again after each test."""
    made = provider_pod(nacos, pair, tmp_path_factory.mktemp("provider"))
    with running(made):
        yield made


def provider_pod(nacos: Registry, pair: Pair, directory: Path, **registration: object) -> Pod:
    """A pod that is not started; its drain is short enough to wait for."""
    settings = stack(nacos, provider=registration)
    return Pod(settings, "provider", pair, "provider", directory, sidecar_variables={"REGISTRATION_DRAIN_SECONDS": "4"})


def visible(nacos: Registry, pod: Pod, name: str = "provider") -> bool:
    return (pod.ip, PORT) in nacos.visible(name)


def test_g16_visible_means_that_the_process_answers_and_ready_means_visible_from_start_to_end(
    nacos: Registry, pair: Pair, tmp_path: Path
) -> None:
    pod = provider_pod(nacos, pair, tmp_path)

    def broken() -> str | None:
        if visible(nacos, pod) and pod.ask("/hello")[0] != 200 and visible(nacos, pod):
            return "visible in Nacos, and the process does not answer"
        if pod.sidecar_ready() and not visible(nacos, pod) and pod.sidecar_ready():
            return "Ready, and not visible in Nacos"
        return None

    with watched(broken) as seen, running(pod):
        assert visible(nacos, pod)
        pod.end()
    assert seen == []
    assert not visible(nacos, pod)
    assert pod.application.returncode in (0, 143), "a graceful end"


@ONE_PAIR
def test_g16_the_sidecar_adds_less_than_three_seconds_to_ready(nacos: Registry, pair: Pair, tmp_path: Path) -> None:
    """The best of three starts: what a busy machine adds is not the sidecar's."""
    added: list[float] = []
    for number in range(3):
        pod = provider_pod(nacos, pair, tmp_path / str(number))
        try:
            pod.start()
            wait_for(partial(pod.answers, "/actuator/health/readiness"), "the application is ready")
            added.append(wait_for(pod.sidecar_ready, "the sidecar is ready"))
        finally:
            pod.kill()
        if added[-1] < ADDED_SECONDS:
            return
    raise AssertionError(f"it added {added} s")


def test_g16_an_instance_that_somebody_switched_off_is_back_in_fifteen_seconds(nacos: Registry, provider: Pod) -> None:
    instance = {"serviceName": "provider", "ip": provider.ip, "port": str(PORT), "ephemeral": "true"}
    nacos.call("PUT", INSTANCE, {**instance, "enabled": "false"})
    assert not visible(nacos, provider)
    back = wait_for(lambda: visible(nacos, provider), "the instance is visible")
    assert back < HEALTHY_SECONDS + MACHINE_SECONDS


def test_g16_readiness_that_comes_and_goes_takes_the_instance_with_it(nacos: Registry, provider: Pod) -> None:
    for _ in range(2):
        provider.ask("/trouble/unready", "POST")
        wait_for(lambda: not visible(nacos, provider), "an instance that is not ready is hidden")
        wait_for(lambda: not provider.sidecar_ready(), "the sidecar is not ready")
        provider.ask("/trouble/ready", "POST")
        back = wait_for(lambda: visible(nacos, provider), "an instance that is ready again is visible")
        assert back < HEALTHY_SECONDS + MACHINE_SECONDS
        provider.wait_until_ready()


def test_g16_a_registry_that_restarts_finds_the_instance_again(nacos: Registry, provider: Pod) -> None:
    nacos.stop()
    assert provider.answers()
    assert provider.sidecar_ready(), "an outage of the registry takes no pod out of service"
    nacos.start()
    wait_for(lambda: visible(nacos, provider), "the instance is registered again")
    provider.wait_until_ready()


def test_g16_a_process_that_crashes_leaves_the_list_and_its_successor_at_the_same_address_enters_it(
    nacos: Registry, provider: Pod
) -> None:
    provider.ask("/trouble/crash", "POST")
    assert provider.application.wait(30) == 42
    wait_for(lambda: not visible(nacos, provider), "a dead instance is not visible", seconds=60)
    wait_for(lambda: not provider.sidecar_ready(), "the sidecar is not ready")
    provider.start_application()
    wait_for(provider.answers, "the process answers again")
    back = wait_for(lambda: visible(nacos, provider), "it is visible again")
    assert back < HEALTHY_SECONDS + MACHINE_SECONDS
    provider.wait_until_ready()


@ONE_PAIR
def test_g16_of_two_services_with_one_name_each_looks_after_its_own_instance(
    nacos: Registry, pair: Pair, provider: Pod, tmp_path: Path
) -> None:
    twin = provider_pod(nacos, pair, tmp_path)
    with running(twin):
        assert visible(nacos, twin)
        assert visible(nacos, provider)
        twin.end()
        assert not visible(nacos, twin)
        assert visible(nacos, provider)


@ONE_PAIR
def test_g16_a_hidden_start_is_not_seen_before_it_can_serve(nacos: Registry, pair: Pair, tmp_path: Path) -> None:
    pod = provider_pod(nacos, pair, tmp_path, startHidden=True)
    pod.variables = {"WARM_UP_SECONDS": "10"}
    seen_warming = False

    def too_early() -> str | None:
        nonlocal seen_warming
        status, _ = pod.ask("/hello")
        seen_warming = seen_warming or status == 503
        return (
            "visible, and not warm" if status == 503 and visible(nacos, pod) and pod.ask("/hello")[0] == 503 else None
        )

    with watched(too_early) as seen, running(pod):
        assert visible(nacos, pod)
    assert seen_warming, "the port was open long before it could serve"
    assert seen == []


def test_g16_nacos_down_at_the_start_and_at_the_end_holds_up_neither(pair: Pair, tmp_path: Path) -> None:
    with registry(address(), tmp_path / "registry") as nacos:
        nacos.stop()
        pod = provider_pod(nacos, pair, tmp_path / "pod")
        pod.sidecar_variables = {**pod.sidecar_variables, "REGISTRATION_PATIENCE_SECONDS": "5"}
        with running(pod):
            assert "Nacos does not tell for" in pod.log.read_text()
            nacos.start()
            wait_for(lambda: visible(nacos, pod), "what could not register at the start does so now")
            nacos.stop()
            pod.end()
            assert pod.application.returncode in (0, 143), "a graceful end"
            assert "Nacos did not take the instance offline" in pod.log.read_text()
