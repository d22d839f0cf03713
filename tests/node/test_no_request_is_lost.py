"""The claim of the life cycle: with the sidecar no change to a service loses a request. A shorter run of the bench."""

from __future__ import annotations

import pytest

from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.lifecycle.measure import measure, predicted, said, stack_node
from tests.lifecycle.result import Measured
from tests.lifecycle.scene import Scenario, scene, service_images

SIDECAR = Scenario("sidecar", cache=5)
_TIMES = {"rollout": 2, "scale up and down": 1, "pod deleted": 1, "pod evicted": 1}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Provider and consumer are JVMs in pods of a node of their own; the registry is real, the ALB is not."""
    images, folder = service_images(Lines()), tmp_path_factory.mktemp("scene")
    with stack_node(Lines()) as node, scene(node, Api(node.kubeconfig), SIDECAR, images, folder) as found:
        return measure(found, SIDECAR, _TIMES)


def test_g16_g20_rollouts_scaling_deletion_and_eviction_lose_no_request_of_ten_thousand(measured: Measured) -> None:
    assert [each for each in measured.results if each.failures] == [], list(said(measured, SIDECAR))
    assert sum(each.requests for each in measured.results) >= 10_000


@pytest.mark.parametrize("way", ["Nacos", "ALB"])
def test_g16_nobody_calls_a_pod_longer_than_the_arithmetic_says(measured: Measured, way: str) -> None:
    """Seen from the API's list of pods, which this machine reads five times a second."""
    assert 0 < measured.last_call[way] <= predicted(SIDECAR)[way] + 2


def test_g16_a_pod_that_ends_is_there_for_its_drain_time(measured: Measured) -> None:
    assert measured.served >= measured.drain - 1
