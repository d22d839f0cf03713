"""A server of a test's own, at work while a block runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from typing import TypeVar

Server = TypeVar("Server", bound=HTTPServer)

_LOOK_SECONDS = 0.02
"""How often it looks whether it is to end."""


@contextmanager
def answering(server: Server) -> Iterator[Server]:
    """Let a server answer while the block runs; afterwards it and its thread are gone."""
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK_SECONDS,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
