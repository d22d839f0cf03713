"""Directories on the NAS: who owns them, who can write them, who sees them. kubelet is real, the NAS is a directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.node.node import Node
from tests.cluster.api import Api
from tests.node.stack import Stack

CHANGES: dict[str, object] = {
    **{f"services__{each}__registration__mode": "none" for each in ("file", "admin")},
    "services__file__probes__type": "http",
}


@pytest.fixture(scope="module")
def stack(node: Node, api: Api) -> Iterator[Stack]:
    """Two services of the shipped stack `test`, neither of which runs as root."""
    with Stack(node, api, "test", ("file", "admin"), CHANGES).up() as stack:
        yield stack


def directory(stack: Stack, service: str) -> Path:
    return stack.volume / "product" / "test" / service


def test_the_namespace_enforces_restricted(stack: Stack, api: Api) -> None:
    live = api.live(stack.object("environment-namespace"))
    assert live
    assert live["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_container_that_is_not_root_writes_its_directory_on_first_start(stack: Stack) -> None:
    for service in ("file", "admin"):
        log = directory(stack, service) / "application.log"
        assert "started as 10001:10001" in log.read_text()
        assert (log.stat().st_uid, log.stat().st_gid) == (10001, 10001)
