"""A control plane for as long as a `with` block, or until `ackp cluster down`."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cluster.components import CONTAINER_LOG
from cluster.owner import ask
from cluster.programs import find_programs
from sandbox.problem import SandboxError
from sandbox.process import bare_environment
from sandbox.progress import Progress

_ROOT = Path(__file__).resolve().parent.parent
_END_SECONDS = 5.0
_POLL = 0.1


@dataclass(frozen=True)
class RunningPlane:
    """A control plane whose processes can be killed and started again one by one.

    Attributes:
        kubeconfig: The administrator's.
    """

    kubeconfig: Path
    _process: subprocess.Popen[str]

    @property
    def container_log(self) -> Path:
        """The file that is the log of every imitated pod's containers, in the form of a container runtime."""
        return self.kubeconfig.parent / CONTAINER_LOG

    def kill(self, program: str) -> None:
        """Kill one of its processes, for example `kube-apiserver`, as a failing machine does."""
        self._ask({"kill": program})

    def start(self, program: str) -> None:
        """Start a killed process again, on what it left behind; returns when the API server is ready.

        Raises:
            SandboxError: It did not come up.
        """
        self._ask({"start": program})

    def _ask(self, question: dict[str, object]) -> None:
        answer = ask(self._process, question)
        if answer != question:
            raise SandboxError(f"The control plane does not do {question}: {answer.get('error', 'it has ended')}")


@contextmanager
def running_plane(progress: Progress) -> Iterator[RunningPlane]:
    """A control plane of one's own: RBAC, Pod Security and quota on, two zones of imitated nodes.

    It ends with the block, and also when this process is killed.

    Args:
        progress: Told about the build of the programs, on the first run.

    Raises:
        WayFailedError: The programs cannot be built.
        SandboxError: The plane did not come up.
    """
    programs = find_programs(progress)
    directory = Path(tempfile.gettempdir()) / f"ackp-cluster-{secrets.token_hex(8)}"  # made and removed by the process
    process = _start([str(directory), str(programs), "--with-parent"], stdin=subprocess.PIPE)
    try:
        yield RunningPlane(_kubeconfig(process), process)
    finally:
        process.communicate()  # closes its standard input, and waits for its end


@contextmanager
def control_plane(progress: Progress) -> Iterator[Path]:
    """The administrator's kubeconfig of a `running_plane` that stays whole. Arguments and errors as there."""
    with running_plane(progress) as plane:
        yield plane.kubeconfig


@dataclass(frozen=True)
class Cluster:
    """The control plane of a checkout, which lasts from `ackp cluster up` to `ackp cluster down`.

    Attributes:
        directory: Its folder.
    """

    directory: Path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; it exists while the plane does."""
        return self._plane / "admin.kubeconfig"

    def up(self, progress: Progress) -> bool:
        """Start the plane, unless it runs.

        Returns:
            Whether it was started now.

        Raises:
            WayFailedError: The programs cannot be built.
            SandboxError: It did not come up, or another command is starting it.
        """
        programs = find_programs(progress)
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock.open("a+", encoding="utf-8") as lock:
            if not _free(lock):
                if self._ready.exists():
                    return False
                raise SandboxError("Another `ackp cluster up` is starting the control plane. Wait until it is done.")
            self._remove()
            progress.line("Control plane: starting")
            process = _start([str(self._plane), str(programs), "--lock", str(lock.fileno())], lock=lock)
            lock.truncate(0)
            lock.write(str(process.pid))
            lock.flush()
            _kubeconfig(process)
            self._ready.touch()
        return True

    def down(self) -> bool:
        """End the plane and remove its folder; tell whether it ran.

        Every process of the plane holds the lock and is in the group of the first, so none is missed, and none of
        anybody else is met, even where the first was killed.
        """
        if not self._lock.exists():
            return False
        with self._lock.open("a+", encoding="utf-8") as lock:
            ran = not _free(lock)
            if ran:
                lock.seek(0)
                group = int(lock.read())
                for request in (signal.SIGTERM, signal.SIGKILL):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(group, request)
                    if _wait_until_free(lock):
                        break
            self._remove()
        return ran

    @property
    def _plane(self) -> Path:
        return self.directory / "plane"

    @property
    def _lock(self) -> Path:
        return self.directory / "cluster.lock"

    @property
    def _ready(self) -> Path:
        return self._plane / "ready"

    def _remove(self) -> None:
        if self._plane.exists():
            shutil.rmtree(self._plane)


def _start(
    arguments: list[str], *, stdin: int = subprocess.DEVNULL, lock: IO[str] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this Python
        [sys.executable, "-m", "cluster.supervisor", *arguments],
        env=bare_environment(),
        cwd=_ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=() if lock is None else (lock.fileno(),),
        start_new_session=True,
    )


def _kubeconfig(process: subprocess.Popen[str]) -> Path:
    """Wait for the one line that the process says."""
    said: list[str] = []
    for line in iter((process.stdout or io.StringIO()).readline, ""):  # no more than that line: answers follow
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            if "kubeconfig" in message:
                return Path(message["kubeconfig"])
            said.append(message["error"])
            break
        said.append(line.rstrip())
    raise SandboxError("The control plane did not come up: " + "\n".join(said))


def _free(lock: IO[str]) -> bool:
    """Take the lock if nobody has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_until_free(lock: IO[str]) -> bool:
    deadline = time.monotonic() + _END_SECONDS
    while not _free(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True
