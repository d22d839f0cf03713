"""One real registry for all tests of this folder, with the images of two environments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster.node.registry import Registry
from tests.registry.registries import distribution, push

TAGS = (
    "test-1.9.3-a1b2c3d4-20261101T080000",
    "uat-1.9.3-a1b2c3d4-20261109T100000",
    "uat-1.9.3-a1b2c3d4-20261110T090000",
    "uat-1.9.3-ffffffff-20261111T090000",
    "uat-1.9.4-a1b2c3d4-20261112T090000",
    "prod-1.9.3-a1b2c3d4-20261113T090000",
    "uat-latest",
    "2.0.0",
)


@dataclass(frozen=True)
class Pushed:
    """A registry and the digests of its images by tag."""

    registry: Registry
    digests: dict[str, str]


@pytest.fixture(scope="session")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushed]:
    """The real registry with an image for each tag."""
    folder: Path = tmp_path_factory.mktemp("registry")
    with distribution(folder) as registry:
        yield Pushed(registry, {tag: push(registry, folder, tag, tag) for tag in TAGS})
