"""A connection to the API server that loses an answer on request: the work is done, and nobody is told."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

_CHUNK = 65536


class Connection:
    """Passes bytes on between clients and an API server, encrypted as they are.

    Attributes:
        kubeconfig: A kubeconfig that leads through it.
    """

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        stated = json.loads(kubeconfig.read_text(encoding="utf-8"))
        address = urlsplit(stated["clusters"][0]["cluster"]["server"])
        self._target = (address.hostname or "", address.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._losing = threading.Event()
        stated["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self.kubeconfig = folder / "through-the-connection.kubeconfig"
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(json.dumps(stated), encoding="utf-8")

    def lose_next_answer(self) -> None:
        """The next thing that the API server says is not passed on; its connection is closed instead."""
        self._losing.set()

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Take connections while the block runs."""
        thread = threading.Thread(target=self._accept)
        thread.start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(self._target)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, sink, source is server), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:  # noqa: FBT001 - of a thread
        with contextlib.suppress(OSError), source, sink:
            while data := source.recv(_CHUNK):
                if answers and self._losing.is_set():
                    self._losing.clear()
                    break
                sink.sendall(data)
            for each in (source, sink):
                each.shutdown(socket.SHUT_RDWR)
