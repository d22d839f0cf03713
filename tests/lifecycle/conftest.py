"""A registry for this folder's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lifecycle.addresses import address
from tests.lifecycle.registry import Registry, registry


@pytest.fixture
def nacos(tmp_path: Path) -> Iterator[Registry]:
    """A registry of the test's own, that it may stop and start."""
    with registry(address(), tmp_path / "registry") as running:
        yield running
