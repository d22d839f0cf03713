"""One stack that is up, for all changes that are made of it."""

from __future__ import annotations

import pytest

from sandbox.engine import find_engine
from sandbox.progress import Lines
from tests.report.cases import Scene, bring_up


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The shipped stack uat, up in a sandbox; change copies of it."""
    return bring_up(tmp_path_factory.mktemp("scene"), find_engine(Lines()))
