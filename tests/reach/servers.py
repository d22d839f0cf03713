"""Servers on a loopback address, each with a fault of its own, and the real curl that asks them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from reach.destination import Destination
from reach.probe import Answer, answer, command


def asked(destination: Destination) -> Answer:
    """What curl of this machine finds."""
    done = subprocess.run(
        command(destination),
        stdin=subprocess.DEVNULL,
        env={**os.environ, "http_proxy": f"http://127.0.0.1:{unused()}"},  # which a JVM does not heed either
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return answer(done.returncode, done.stdout, destination.port)


@contextmanager
def saying(said: bytes | None) -> Iterator[int]:
    """A server that answers every request with these bytes and closes; with none it keeps silent. Its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as open_:
        threading.Thread(target=_serve, args=(listener, said, open_), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, said: bytes | None, open_: ExitStack) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # closed
            return
        open_.enter_context(client)
        if said is not None:
            with contextlib.suppress(OSError):  # its caller has gone
                client.recv(65536)
                client.sendall(said)
                client.shutdown(socket.SHUT_WR)


@contextmanager
def full() -> Iterator[int]:
    """A server whose queue of connections is full, so that further ones are dropped as by a firewall. Its port."""
    with socket.socket() as listener, ExitStack() as open_:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = open_.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def unused() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
