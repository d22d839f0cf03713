"""The process that owns a control plane: it starts everything, and ends everything when it ends.

`python -m cluster.supervisor DIRECTORY PROGRAMS [--lock DESCRIPTOR] [--with-parent]` prints one line of JSON,
`{"kubeconfig": path}` once the plane is ready, or `{"error": text}`. With `--with-parent` it also ends when its
standard input closes, which happens however its parent ends: a plane never outlives the tests that it was made for.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from cluster.components import RESOURCES, Plane

READY_SECONDS = 120.0
"""How long the plane may take to become ready, on a machine that is busy with other things."""

_ATTEMPTS = 5
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_POLL = 0.1
_COLLECTIONS = {
    "Node": "/api/v1/nodes",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
}


class StartError(Exception):
    """The plane did not come up; the text says which process, and its last words."""


class PortTakenError(StartError):
    """Another process took a port between its choice and its use."""


class Supervisor:
    """Starts a plane and ends it.

    Args:
        directory: The plane's folder; it must not exist.
        programs: The folder with the programs.
        lock: A descriptor that every process keeps open while it lives.
    """

    def __init__(self, directory: Path, programs: Path, lock: int | None = None) -> None:
        self._directory = directory
        self._programs = programs
        self._lock = lock
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._plane: Plane

    def start(self) -> Path:
        """Start everything; returns when the API answers, the nodes are Ready and pods can be created.

        Returns:
            The administrator's kubeconfig.

        Raises:
            StartError: A process ended, or it took too long.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            self._plane = Plane(self._directory, self._programs, *_free_ports(3))
            try:
                self._start()
            except PortTakenError:
                if attempt == _ATTEMPTS:
                    raise
                self.end()
            else:
                break
        return self._plane.kubeconfig("admin")

    def _start(self) -> None:
        import yaml  # noqa: PLC0415 - not needed to report a wrong argument

        self._plane.directory.mkdir(parents=True, mode=0o700)
        self._plane.write_users()
        self._spawn(self._plane.first())
        self._wait("the API server is ready", lambda: self._request("/readyz"))
        self._spawn(self._plane.second())
        for file in ("definitions.yaml", "nodes.yaml"):
            for each in yaml.safe_load_all((RESOURCES / file).read_text(encoding="utf-8")):
                self._request(_COLLECTIONS[each["kind"]], each)
        self._wait("every node is Ready", self._nodes_are_ready)
        self._wait("resource definitions are served", lambda: self._request("/apis/alibabacloud.com/v1beta1/podeips"))
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        self._wait("pods can be created", lambda: self._request(account))

    def watch(self) -> None:
        """See that every process is alive.

        Raises:
            StartError: One has ended; which, and its last words.
        """
        for name, process in self._processes.items():
            if process.poll() is not None:
                words = self._last_words(name)
                kind = PortTakenError if "address already in use" in words else StartError
                raise kind(f"{name} ended with code {process.returncode}: {words}")

    def end(self) -> None:
        """End all processes and remove the folder. They are not asked: what they would save goes with the folder."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._processes.clear()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _spawn(self, commands: Mapping[str, Sequence[str | Path]]) -> None:
        for name, command in commands.items():
            with self._log(name).open("wb") as log:
                self._processes[name] = subprocess.Popen(  # noqa: S603 - the plane's own programs
                    command,
                    cwd=self._directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=() if self._lock is None else (self._lock,),
                )

    def _wait(self, until: str, met: Callable[[], object]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            self.watch()
            with contextlib.suppress(OSError, urllib.error.URLError, ssl.SSLError):
                if met():
                    return
            if time.monotonic() > deadline:
                raise StartError(f"{READY_SECONDS:.0f} s were not enough until {until}")
            time.sleep(_POLL)

    def _nodes_are_ready(self) -> bool:
        conditions = [
            each["status"].get("conditions", []) for each in json.loads(self._request("/api/v1/nodes"))["items"]
        ]
        return all(any(c["type"] == "Ready" and c["status"] == "True" for c in each) for each in conditions)

    def _request(self, path: str, body: object = None) -> bytes:
        connection = json.loads(self._plane.kubeconfig("admin").read_text(encoding="utf-8"))
        request = urllib.request.Request(  # noqa: S310 - the plane's own address
            self._plane.server + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {connection['users'][0]['user']['token']}",
                "Content-Type": "application/json",
            },
        )
        context = ssl.create_default_context(cafile=str(self._plane.certificate))
        opener = urllib.request.build_opener(  # no proxy: the address is this machine's
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(request, timeout=10) as answer:
            read: bytes = answer.read()
            return read

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _last_words(self, name: str) -> str:
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return "\n".join(lines[-5:])


def main() -> int:
    """Start a plane, say so, and keep it until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("programs", type=Path)
    parser.add_argument("--lock", type=int)
    parser.add_argument("--with-parent", action="store_true")
    arguments = parser.parse_args()
    for number in _ENDING:
        signal.signal(number, _ended)
    supervisor = Supervisor(arguments.directory, arguments.programs, arguments.lock)
    try:
        _say({"kubeconfig": str(supervisor.start())})
        watched = [sys.stdin] if arguments.with_parent else []
        while not select.select(watched, [], [], 1.0)[0]:
            supervisor.watch()
    except StartError as error:
        _say({"error": str(error)})
        return 1
    except _EndedError:
        return 0
    finally:
        supervisor.end()
    return 0


class _EndedError(BaseException):
    """A signal asked for the end."""


def _ended(*_: object) -> NoReturn:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)  # the end is not interrupted
    raise _EndedError


def _say(message: Mapping[str, str]) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever started the plane has ended
        print(json.dumps(message), flush=True)  # noqa: T201 - this is how the process speaks


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


if __name__ == "__main__":
    sys.exit(main())
