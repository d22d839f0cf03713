"""A stand-in registry, and what the script is told about it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.nacos_server import NacosServer, nacos_server
from tests.scripts.registration import POD_IP, SERVICE


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
