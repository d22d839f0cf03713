"""The order of the tests, and what is left out where the operating system cannot run it.

``--dist loadfile`` gives a worker whole files, in this order.
"""

import pytest

from tests.debian_packages import unfit

_LONG = ("cluster", "engine", "image", "sandbox")
_NEED_DEBIAN = ("image",)
"""Folders whose tests need ``tests.debian_packages``, so Linux and root."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start real programs come first, so that no worker ends with them."""
    items.sort(key=lambda item: _LONG.index(item.path.parent.name) if item.path.parent.name in _LONG else len(_LONG))
    if unfit():
        left_out = [item for item in items if item.path.parent.name in _NEED_DEBIAN]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End by naming what was left out: nobody takes a run for complete that is not."""
    if unfit():
        folders = ", ".join(f"tests/{name}" for name in _NEED_DEBIAN)
        terminalreporter.section("left out")
        terminalreporter.line(f"{folders}: {unfit()}")
