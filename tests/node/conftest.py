"""A real node for this folder's tests, built and started by the product's own code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.node.node import Node, real_node
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.program.stacks import secret, shipped


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A node whose registry knows the login that the shipped stacks have in their pull Secret."""
    username = shipped("test").registry.username
    assert username
    with real_node(Lines(), username=username, password=secret("registryPassword")) as found:
        yield found


@pytest.fixture(scope="session")
def api(node: Node) -> Api:
    """The administrator of the node's control plane."""
    return Api(node.kubeconfig)
