"""The claim of the life cycle: with the sidecar no change to a service loses a request. A shorter run of the bench."""

from __future__ import annotations

import pytest

from tests.lifecycle.cost import sidecar_at_rest
from tests.lifecycle.measure import measure, said
from tests.lifecycle.result import Measured, predicted
from tests.node.conftest import LifeCycle

_TIMES = {"rollout": 2, "scale up and down": 1, "pod deleted": 1, "pod evicted": 1}


@pytest.fixture(scope="module")
def measured(life_cycle: LifeCycle) -> Measured:
    return measure(life_cycle.scene, life_cycle.scenario, _TIMES)


def test_g16_g20_rollouts_scaling_deletion_and_eviction_lose_no_request_of_ten_thousand(
    measured: Measured, life_cycle: LifeCycle
) -> None:
    assert [each for each in measured.results if each.failures] == [], list(said(measured, life_cycle.scenario))
    assert sum(each.requests for each in measured.results) >= 10_000


@pytest.mark.parametrize("way", ["Nacos", "ALB"])
def test_g16_nobody_calls_a_pod_longer_than_the_arithmetic_says(
    measured: Measured, life_cycle: LifeCycle, way: str
) -> None:
    """Seen from the API's list of pods, which this machine reads five times a second."""
    assert 0 < measured.last_call[way] <= predicted(life_cycle.scenario.cache)[way] + 2


def test_g16_a_pod_that_ends_is_there_for_its_drain_time(measured: Measured) -> None:
    assert measured.served >= measured.drain - 1


def test_g16_the_sidecar_at_rest_costs_less_than_twelve_megabytes_and_ten_millicores(
    life_cycle: LifeCycle, measured: Measured
) -> None:
    """A minute of what the bench looks at for five."""
    del measured  # the pods have been up for a while then
    cost = sidecar_at_rest(life_cycle.node, life_cycle.scene.pods()[0], 60)
    assert cost.mebibytes * 1.048576 < 12
    assert cost.millicores < 10
