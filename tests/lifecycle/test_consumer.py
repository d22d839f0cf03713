"""What a consumer notices of a provider's end: requests through Spring Cloud LoadBalancer and a real registry."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.progress import Lines
from tests.lifecycle.addresses import address
from tests.lifecycle.jars import PAIRS, Pair, jars
from tests.lifecycle.load import Backend, Load, summary
from tests.lifecycle.pods import PORT, Pod, running, stack, wait_for
from tests.lifecycle.registry import registry

RATE = 10.0
UNTUNED = {"SPRING_CLOUD_LOADBALANCER_CACHE_TTL": "35s"}
"""Spring Cloud's own default."""
PATIENT = {"PROVIDER_TIMEOUT_SECONDS": "9"}
"""A machine that is busy with other things answers late, which is no lost request."""


@dataclass(frozen=True)
class Services:
    """Two providers, and two consumers of them."""

    stays: Pod
    leaves: Pod
    tuned: Pod
    untuned: Pod


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: pair.profile)
def services(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    pair: Pair = request.param
    jars(pair, Lines())
    directory = tmp_path_factory.mktemp(pair.profile)
    with ExitStack() as stacked:
        nacos = stacked.enter_context(registry(address(), directory / "registry"))
        settings = stack(nacos, provider={}, consumer={})

        def pod(service: str, name: str, variables: dict[str, str]) -> Pod:
            return Pod(settings, service, pair, service, Path(directory / name), variables=variables)

        made = Services(
            pod("provider", "stays", {}),
            pod("provider", "leaves", {}),
            pod("consumer", "tuned", PATIENT),
            pod("consumer", "untuned", {**PATIENT, **UNTUNED}),
        )
        stacked.enter_context(running(made.stays, made.leaves, made.tuned, made.untuned))
        yield made


def load(consumer: Pod) -> Load:
    backend = Backend(consumer.name, consumer.ip, PORT)
    return Load(lambda: backend, "/hello", RATE)


def test_g16_consumers_with_a_short_cache_lose_no_request_when_a_provider_ends_those_with_springs_own_do(
    services: Services,
) -> None:
    leaves, stays = services.leaves, services.stays
    wait_for(lambda: services.tuned.ask("/hello")[1] == leaves.name, "the consumer calls both")
    wait_for(lambda: services.tuned.ask("/hello")[1] == stays.name, "the consumer calls both")
    # Its list is filled with the first request, and is 35 s old before it is asked for again.
    assert services.untuned.answers()
    with load(services.tuned).running() as tuned, load(services.untuned).running() as untuned:
        began = tuned.now
        leaves.end()
        ended = tuned.now
        wait_for(lambda: tuned.now > ended + 3, "requests after the end")
    told = summary(tuned.answers())
    assert told.failures == 0, told.reasons
    assert told.requests > RATE * (ended - began) / 2
    assert {each.said for each in tuned.answers() if each.due < began + 1} == {leaves.name, stays.name}
    assert {
        each.said for each in tuned.answers() if each.due > began + leaves.settings.life_cycle("provider").drain
    } == {stays.name}
    assert summary(untuned.answers()).failures > 0, "a longer cache needs a longer drain, as the settings compute it"


def test_a_consumer_tells_each_failure_and_tries_nothing_twice(services: Services) -> None:
    with load(services.tuned).running() as tuned:
        wait_for(lambda: len(tuned.answers()) > RATE, "requests before the crash")
        services.stays.ask("/trouble/crash", "POST")
        crashed = tuned.now
        wait_for(lambda: tuned.now > crashed + 2, "requests after the crash")
    reasons = summary(tuned.answers(since=crashed + 1)).reasons
    assert reasons
    assert set(reasons) <= {"status 502", "status 503"}
