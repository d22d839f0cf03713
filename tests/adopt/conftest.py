"""The guide's cluster on a real control plane, which all tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.adopt.adopter import Adopter
from tests.adopt.guide import ENVIRONMENTS
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Api


@pytest.fixture(scope="session")
def kubeconfig() -> Iterator[Path]:
    """The administrator's kubeconfig."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="session")
def api(kubeconfig: Path) -> Api:
    """The cluster, as its administrator."""
    return Api(kubeconfig)


@pytest.fixture(scope="session")
def guide(api: Api) -> Iterator[GuideCluster]:
    """The guide's cluster with both environments at rest. Whoever changes things makes an environment of its own."""
    with GuideCluster(api).at_work() as found:
        for environment in ENVIRONMENTS:
            found.make(environment)
        for environment in ENVIRONMENTS:
            found.settle(environment)
        yield found


@pytest.fixture(scope="session")
def adopter(guide: GuideCluster, kubeconfig: Path) -> Adopter:
    """Who runs `ackp adopt` on the guide's cluster."""
    return Adopter(guide.api, kubeconfig)
