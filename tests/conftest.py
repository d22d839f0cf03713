"""The order of the tests, what is made up, and what is left out where the operating system cannot run it.

``--dist loadfile`` gives a worker whole files, in this order. What is made up is the same in every run of ``make
test``, and leaves no database behind; ``--hypothesis-profile=deep`` looks further, elsewhere each time.
"""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.debian_packages import unfit

_LONG = ("node", "cluster/retention", "cluster", "lifecycle", "engine", "bundle", "image", "sandbox")
_NEED_DEBIAN = ("cluster/retention", "image", "improvements/nas", "lifecycle", "node")
"""Folders whose tests need ``tests.debian_packages``, so Linux and root."""

# A shell's background job ignores Ctrl-C, and so would every program that a test starts, to see how it ends by it.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "fixed",
    max_examples=250,
    deadline=None,  # the machine is shared
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "deep",
    settings.get_profile("fixed"),
    max_examples=5000,
    derandomize=False,
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),  # what was found once is tried first
)
settings.load_profile("fixed")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many workers again as there are cores: two fifths of its time a test waits for what it has started."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start real programs come first, so that no worker ends with them."""
    items.sort(key=lambda item: _LONG.index(_folder(item)) if _folder(item) in _LONG else len(_LONG))
    if unfit():
        left_out = [item for item in items if _folder(item) in _NEED_DEBIAN]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run that is left out as a whole has not failed: it ends by saying so."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and unfit():
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End by naming what was left out: nobody takes a run for complete that is not."""
    if unfit():
        folders = ", ".join(f"tests/{name}" for name in _NEED_DEBIAN)
        terminalreporter.section("left out")
        terminalreporter.line(f"{folders}: {unfit()}")


def _folder(item: pytest.Item) -> str:
    return item.path.parent.relative_to(Path(__file__).parent).as_posix()
