"""A real control plane for this folder's tests, built and started by the product's own code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.cluster.platform import Platform


@pytest.fixture(scope="session")
def kubeconfig() -> Iterator[Path]:
    """The administrator's kubeconfig of a plane that all tests share which leave it as it was."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="session")
def api(kubeconfig: Path) -> Api:
    """The shared plane."""
    return Api(kubeconfig)


@pytest.fixture(scope="session")
def platform(api: Api) -> Iterator[Platform]:
    """The stacks test and uat, up on the shared plane, with ACK's controllers at work."""
    with ExitStack() as stack:
        yield stack.enter_context(Platform(api, ("test", "uat")).at_work())
