"""The order of the tests when they run side by side, where ``--dist loadfile`` gives a worker whole files."""

import pytest

_LONG = ("cluster", "engine", "sandbox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start real programs come first, so that no worker ends with them."""
    items.sort(key=lambda item: _LONG.index(item.path.parent.name) if item.path.parent.name in _LONG else len(_LONG))
