"""The real engine, found or built by the product's own code, and sandboxes of the tests' own."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import Engine, find_engine
from sandbox.place import VARIABLE, Place
from sandbox.progress import Lines
from sandbox.run import Result, Sandbox
from tests.engine.stacks import Cloud, Project

ROOT = Path(__file__).resolve().parents[2]
NOTICE = "SANDBOX（沙箱）: nothing real was created"  # noqa: RUF001 - Chinese brackets around Chinese

MakeSandbox = Callable[..., Sandbox]


_STUCK: list[object] = []


@pytest.fixture(autouse=True)
def _keep_stuck_programs() -> Iterator[None]:
    """Keep the program of a failed run, which the SDK leaves waiting for an engine that is gone.

    Collected in the middle of some parsing, its complaint would make Python 3.11 fail there:
    https://github.com/python/cpython/issues/106905
    """
    yield
    _STUCK.extend(each for each in gc.get_objects() if asyncio.iscoroutine(each))


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that `ackp` would use; fetched or built if the machine has none."""
    return find_engine(Lines())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The folder of this test's sandbox, also for processes that the test starts."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "sandbox"))
    return Place(tmp_path / "sandbox")


@pytest.fixture
def sandbox(engine: Engine, place: Place) -> MakeSandbox:
    """Make a `Sandbox` in this test's folder.

    `sandbox(stack="uat", root=ROOT, **more)`; the same folder for every call within one test.
    """

    def make(stack: str = "uat", root: Path = ROOT, **more: Any) -> Sandbox:
        return Sandbox(root, stack, place=place, engine=engine, **more)

    return make


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home folder with a kubeconfig file in it, which the stack of an existing cluster names."""
    folder = tmp_path_factory.mktemp("home")
    (folder / ".kube").mkdir()
    (folder / ".kube" / "config").write_text("{}", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"))
        patch.setenv("HOME", str(folder))
        yield folder


@dataclass(frozen=True)
class Shared:
    """A sandbox in which all shipped stacks are up, the way a team has them: read it, do not change it.

    Attributes:
        place: its folder.
        seeded: the cloud before the first `up`.
        results: what each `up` did, by stack.
        cloud: the cloud after the last one.
    """

    place: Place
    seeded: Cloud
    results: dict[str, Result]
    cloud: Cloud

    def outputs(self, stack: str) -> dict[str, Any]:
        """What a stack exports."""
        return self.results[stack].outputs


@pytest.fixture(scope="session")
def shared(engine: Engine, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """All shipped stacks, up in one sandbox: uat before test, although test owns what they share."""
    del home  # only has to be there
    folder = tmp_path_factory.mktemp("shared")
    place = Place(folder / "sandbox")
    existing = Project.copy(folder / "existing-cluster", "prod").root
    roots = {"prod": existing, "uat": ROOT, "test": ROOT}
    boxes = {stack: Sandbox(root, stack, place=place, engine=engine) for stack, root in roots.items()}
    boxes["prod"].preview()
    seeded = Cloud(place)
    return Shared(place, seeded, {stack: box.up() for stack, box in boxes.items()}, Cloud(place))


class Ackp:
    """A running `ackp` command.

    Args:
        root: The project it works on.
        arguments: What follows `ackp`.
        faults: A file of faults for its cloud.
        code: Where the program's modules are.
    """

    def __init__(self, root: Path, *arguments: str, faults: Path | None = None, code: Path = ROOT) -> None:
        script = (
            "import sys, functools; from pathlib import Path; import cli.options\n"
            "cli.options.ROOT = Path(sys.argv.pop(1)); faults = sys.argv.pop(1)\n"
            "if faults:\n"
            "    from sandbox.run import Sandbox\n"
            "    Sandbox.__init__ = functools.partialmethod(Sandbox.__init__, faults=Path(faults))\n"
            "from cli.app import main; main()"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(root), str(faults or ""), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=code,
            env={**os.environ, "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def end(self, seconds: float = 120) -> tuple[int, str, str]:
        """Wait for the end; exit code, standard output, standard error."""
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, err

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send a signal to the command, or to everything in its process group, as a terminal does."""
        (os.killpg if group else os.kill)(self.process.pid, number)


@pytest.fixture
def ackp(engine: Engine, place: Place) -> Iterator[Callable[..., Ackp]]:
    """Start `ackp` commands on a project, in this test's sandbox: `ackp(root, "up", "--stack", "uat")`."""
    del engine, place  # needed before the first command starts
    started: list[Ackp] = []

    def start(root: Path, *arguments: str, faults: Path | None = None) -> Ackp:
        started.append(Ackp(root, *arguments, faults=faults))
        return started[-1]

    yield start
    for command in started:
        if command.process.poll() is None:
            command.process.kill()
            command.process.communicate()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
