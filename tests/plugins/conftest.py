"""A control plane with the imitated controllers of ACK, and the operator's `pulumi`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from cluster.plane import control_plane
from sandbox.progress import Lines
from tests import given_cloud
from tests.cluster.api import Api
from tests.cluster.controllers.alb import AlbIngressController
from tests.cluster.controllers.eip import EipController
from tests.plugins.cloud import cloud
from tests.plugins.situation import CERTIFICATES, STACKS, create_given_objects, given
from tests.plugins.stack import RealStack
from tests.plugins.tools import Tools, find_tools

Opened = Callable[[str, Path], AbstractContextManager[RealStack]]


@pytest.fixture(scope="session")
def tools() -> Tools:
    """What is installed; `make test-plugins` has seen that it is all there."""
    return find_tools()


@pytest.fixture(scope="session")
def kubeconfig() -> Iterator[Path]:
    """The administrator's kubeconfig of a control plane."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="session")
def api(kubeconfig: Path) -> Api:
    """The cluster, with everything that the stacks are given."""
    found = Api(kubeconfig)
    create_given_objects(found)
    return found


@pytest.fixture(scope="session")
def controllers(api: Api) -> Iterator[None]:
    """The controllers of ACK, at work."""
    with AlbIngressController(api, CERTIFICATES).running(), EipController(api).running():
        yield


@pytest.fixture(scope="session")
def opened(tools: Tools, kubeconfig: Path, api: Api) -> Opened:
    """Make a stack in which everything of the cloud is given: ``with opened("uat", folder) as stack``."""
    certificate = kubeconfig.parent / "certificates" / "apiserver.crt"

    @contextmanager
    def open_stack(name: str, folder: Path) -> Iterator[RealStack]:
        stack = RealStack(tools, folder, name, api)
        stack.edit(given(name, kubeconfig))
        with cloud(given_cloud.answers(stack.settings), certificate) as answering:
            stack.environment |= answering
            stack.begin()
            yield stack

    return open_stack


@pytest.fixture(scope="module", params=STACKS)
def running(
    request: pytest.FixtureRequest, opened: Opened, controllers: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealStack]:
    """A stack in which everything of the cloud is given, up."""
    del controllers  # only has to be at work
    with opened(request.param, tmp_path_factory.mktemp(request.param)) as stack:
        stack.up()
        yield stack
