"""Stand-ins for the registry and the Kubernetes API, and what the scripts are told about them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.nacos_server import NacosServer, nacos_server
from tests.scripts.pod_list import pod_list
from tests.scripts.registration import POD_IP, SERVICE
from tests.scripts.volume import LIVE, OWN_POD, SHELLS, Volume


@pytest.fixture
def nacos() -> Iterator[NacosServer]:
    with nacos_server() as server:
        yield server


@pytest.fixture
def variables(nacos: NacosServer, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "REGISTRATION_ADDRESS": nacos.address,
        "REGISTRATION_API": "2",
        "REGISTRATION_NAMESPACE": "uat",
        "REGISTRATION_SERVICE": SERVICE,
        "REGISTRATION_IP": POD_IP,
        "REGISTRATION_PORT": "80",
        "REGISTRATION_DRAIN_SECONDS": "2",
        "REGISTRATION_INTERVAL_SECONDS": "0.1",
        "REGISTRATION_UNSEEN_SECONDS": "0.1",
        "REGISTRATION_REST_SECONDS": "0.1",
        "REGISTRATION_STATE": str(tmp_path / "state"),
    }


@pytest.fixture(params=SHELLS)
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Volume]:
    with pod_list(OWN_POD, LIVE) as address:
        yield Volume(tmp_path, address, request.param)
