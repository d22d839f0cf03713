"""Both shipped stacks on a real control plane of this folder's own, which its tests change by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.cluster.conftest import wait_for_the_autoscaler
from tests.cluster.deployer import Deployer
from tests.cluster.platform import Platform


@pytest.fixture(scope="package")
def kubeconfig() -> Iterator[Path]:
    """The administrator's kubeconfig."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="package")
def api(kubeconfig: Path) -> Api:
    """The cluster, as its administrator."""
    return Api(kubeconfig)


@pytest.fixture(scope="package")
def deployer(api: Api, kubeconfig: Path) -> Deployer:
    """Who runs `pulumi up`, with the rights of docs/rbac."""
    return Deployer(api, kubeconfig)


@pytest.fixture(scope="package")
def platform(api: Api, deployer: Deployer) -> Iterator[Platform]:
    """The stacks test and uat as `pulumi up` leaves them at first: created, and at rest."""
    with Platform(api, ("test", "uat"), deployer).at_work() as found:
        wait_for_the_autoscaler(found)
        yield found
