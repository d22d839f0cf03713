"""A machine that cannot reach anybody: a fresh checkout, home and caches, and a network that swallows every packet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bundle.servers import hanging
from tests.debian_packages import unfit
from tests.settings import ROOT

_BLACK_HOLE = """
ip link set lo up
ip link add void type veth peer name hole
ip address add 192.0.2.1/24 dev void
ip link set void up
ip link set hole up
ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:01 dev void
ip route add default via 192.0.2.2
exec "$@"
"""
"""Lookups and connections get no answer and no error: what was sent goes to a neighbour who is not there."""

_LEFT_OUT = (".git", ".venv", "tests", "docs", "__pycache__", ".*_cache", "rendered", "ejected")


@dataclass(frozen=True)
class Done:
    """A command that ended.

    Attributes:
        code: Its exit code.
        out: Its standard output.
        err: Its standard error.
    """

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Island:
    """The machine.

    Attributes:
        folder: All that it has.
        proxy: A proxy that never answers, where there can be no network of its own; None where there is one.
    """

    folder: Path
    proxy: str | None

    @property
    def checkout(self) -> Path:
        """The checkout."""
        return self.folder / "checkout"

    @property
    def home(self) -> Path:
        """The home folder, with the tool cache and the plug-ins in it."""
        return self.folder / "home"

    @property
    def cache(self) -> Path:
        """The tool cache."""
        return self.home / ".cache" / "ack-platform"

    def run(self, *command: str, seconds: float = 240, path: str = "", **variables: str) -> Done:
        """Run a command in the checkout; it has to end within the limit.

        Args:
            command: The program and its arguments.
            seconds: The limit.
            path: What stands on PATH before the system's own.
            variables: More of the environment, which is otherwise empty.
        """
        python = Path(sys.executable).resolve().parent
        environment = {"HOME": str(self.home), "PATH": ":".join(filter(None, [path, str(python), "/usr/bin:/bin"]))}
        if self.proxy:
            environment |= {"HTTPS_PROXY": self.proxy, "HTTP_PROXY": self.proxy, "NO_PROXY": "127.0.0.1"}
        within = [] if self.proxy else ["unshare", "--net", "sh", "-ec", _BLACK_HOLE, "sh"]
        process = subprocess.Popen(
            [*within, *command],
            cwd=self.checkout,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.communicate()
        return Done(process.returncode, out, err)


@contextmanager
def island(folder: Path) -> Iterator[Island]:
    """A machine of its own, with nothing but this checkout; on Linux as root with a network of its own."""
    shutil.copytree(ROOT, folder / "checkout", ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    (folder / "home").mkdir()
    if unfit() is None:
        yield Island(folder, None)
        return
    with hanging() as address:
        yield Island(folder, address)
