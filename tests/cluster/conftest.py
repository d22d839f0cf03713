"""A real control plane for this folder's tests, built and started by the product's own code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.cluster.deployer import Deployer
from tests.cluster.platform import Platform

_SETTLE_SECONDS = 90


@pytest.fixture(scope="package")
def kubeconfig() -> Iterator[Path]:
    """The administrator's kubeconfig of a plane that all tests share which leave it as it was."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="package")
def api(kubeconfig: Path) -> Api:
    """The shared plane."""
    return Api(kubeconfig)


@pytest.fixture(scope="package")
def deployer(api: Api, kubeconfig: Path) -> Deployer:
    """Who runs `pulumi up` on the shared plane."""
    return Deployer(api, kubeconfig)


@pytest.fixture(scope="package")
def platform(api: Api, deployer: Deployer) -> Iterator[Platform]:
    """The stacks test and uat, brought up on the shared plane by the deployer, with ACK's controllers at work."""
    with ExitStack() as stack:
        found = stack.enter_context(Platform(api, ("test", "uat"), deployer).at_work())
        wait_for_the_autoscaler(found)
        yield found


def wait_for_the_autoscaler(platform: Platform) -> None:
    """A Deployment without `replicas` begins with one pod; its autoscaler, and then the budget, come a moment later."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        least = {
            (each["metadata"]["namespace"], each["spec"]["scaleTargetRef"]["name"]): each["spec"]["minReplicas"]
            for each in platform.live("HorizontalPodAutoscaler")
        }
        late = [
            each["metadata"]["name"]
            for each in platform.live("Deployment")
            if each["status"].get("availableReplicas", 0) != each["spec"]["replicas"]
            or each["spec"]["replicas"] < least.get((each["metadata"]["namespace"], each["metadata"]["name"]), 0)
        ]
        late += [
            each["metadata"]["name"]
            for each in platform.live("PodDisruptionBudget")
            if each["status"].get("disruptionsAllowed") != 1
        ]
        if not late:
            return
        assert time.monotonic() < deadline, f"not at rest after {_SETTLE_SECONDS} s: {late}"
        time.sleep(0.2)
