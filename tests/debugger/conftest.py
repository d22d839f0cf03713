"""A service beside which tools run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.debugger.service import Service, service


@pytest.fixture(name="service")
def _service() -> Iterator[Service]:
    with service() as found:
        yield found
