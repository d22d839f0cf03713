"""An API server that answers what a real one cannot be brought to answer, under the real one's certificate."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def answering(raw: bytes, certificate: Path) -> Iterator[int]:
    """Answer every request with the same bytes, and end the connection in order.

    Args:
        raw: Status line, header fields and body.
        certificate: A certificate whose key lies beside it.

    Yields:
        The loopback port.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            # Whoever asks may go without a word: when the server is stopped, the test does.
            with contextlib.suppress(OSError), listening.accept()[0] as plain:
                plain.settimeout(10)
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(raw)
                    connection.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port
        finally:
            stopped.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()
