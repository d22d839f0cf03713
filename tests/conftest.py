"""Which tests share a worker when tests run side by side (``pytest -n``)."""

import pytest


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for each file, since a file's tests share what it sets up; one for all tests of the control plane.

    The long ones come first, so that no worker ends with them.
    """
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group("cluster" if folder == "cluster" else str(item.path)))
    slow = ("cluster", "engine", "sandbox")
    items.sort(key=lambda item: slow.index(item.path.parent.name) if item.path.parent.name in slow else len(slow))
