"""A team for each kind of store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.engine import Engine, find_engine
from sandbox.progress import Lines
from tests.state.backends import BACKENDS, Backend
from tests.state.member import Member


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine."""
    return find_engine(Lines())


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A store."""
    with BACKENDS[request.param](tmp_path_factory.mktemp("backend")) as found:
        yield found


@pytest.fixture(scope="module")
def team(backend: Backend, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Member, Member]:
    """Two of a team: the first has brought the stack up."""
    folder = tmp_path_factory.mktemp("team")
    first = Member(folder / "first", engine, backend)
    assert first.up().counts["create"]
    return first, Member(folder / "second", engine, backend, first)
