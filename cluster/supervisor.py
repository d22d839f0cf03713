"""The process that owns a control plane: it starts everything, and ends everything when it ends.

`python -m cluster.supervisor DIRECTORY PROGRAMS [--lock DESCRIPTOR] [--with-parent]` prints one line of JSON,
`{"kubeconfig": path}` once the plane is ready, or `{"error": text}`. With `--with-parent` it also ends when its
standard input closes, which happens however its parent ends: a plane never outlives the tests that it was made for.
Until then it reads requests from there, and says each again once it is done: `{"kill": "kube-apiserver"}` and
`{"start": "kube-apiserver"}`.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from cluster.administrator import create_all, nodes_are_ready, request
from cluster.components import RESOURCES, Plane
from cluster.owner import EndedError, end_on_signals, keep, say
from cluster.processes import PortTakenError, Processes, StartError

_ATTEMPTS = 5


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
        self._processes = Processes(directory, lock)
        self._plane: Plane

    def start(self) -> Path:
        """Start everything; returns when the API answers, the nodes are Ready and pods can be created.

        Returns:
            The administrator's kubeconfig.

        Raises:
            StartError: A process ended, or it took too long.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            etcd, peer, api, kubelet = _free_ports(4)
            self._plane = Plane(self._directory, self._programs, etcd, peer, api, kubelet)
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
        plane, wait = self._plane, self._processes.wait
        plane.directory.mkdir(parents=True, mode=0o700)
        plane.write_users()
        plane.write_logs()
        self._processes.spawn(plane.first())
        wait("the API server is ready", lambda: request(plane, "/readyz"))
        self._processes.spawn(plane.second())
        for file in ("definitions.yaml", "nodes.yaml"):
            create_all(plane, RESOURCES / file)
        wait("every node is Ready", lambda: nodes_are_ready(plane))
        wait("resource definitions are served", lambda: request(plane, "/apis/alibabacloud.com/v1beta1/podeips"))
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        wait("pods can be created", lambda: request(plane, account))

    def serve(self, question: Mapping[str, str]) -> None:
        """Kill one of the processes, or start a killed one again; then wait until the API server is ready.

        Raises:
            StartError: It does not come up again.
        """
        if "kill" in question:
            self._processes.kill(question["kill"])
        else:
            self._processes.start_again(question["start"])
            self._processes.wait("the API server is ready again", lambda: request(self._plane, "/readyz"))

    def watch(self) -> None:
        """See that every process is alive.

        Raises:
            StartError: One has ended; which, and its last words.
        """
        self._processes.watch()

    def end(self) -> None:
        """End all processes and remove the folder."""
        self._processes.end()
        shutil.rmtree(self._directory, ignore_errors=True)


def main() -> int:
    """Start a plane, say so, and keep it until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("programs", type=Path)
    parser.add_argument("--lock", type=int)
    parser.add_argument("--with-parent", action="store_true")
    arguments = parser.parse_args()
    end_on_signals()
    supervisor = Supervisor(arguments.directory, arguments.programs, arguments.lock)
    try:
        say({"kubeconfig": str(supervisor.start())})
        keep(supervisor.watch, with_parent=arguments.with_parent, serve=supervisor.serve)
    except StartError as error:
        say({"error": str(error)})
        return 1
    except EndedError:
        return 0
    finally:
        supervisor.end()
    return 0


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


if __name__ == "__main__":
    sys.exit(main())
