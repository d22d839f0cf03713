"""Servers on the loopback interface: one that has files, one that never answers, one that sends a byte a second."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.answering import answering

_PIECE = 20_000
_CRAWL_SECONDS = 40
"""After that even a client without a limit ends, and its test fails."""


@contextmanager
def serving(files: Mapping[str, bytes], user: str | None = None, *, pause: float = 0.0) -> Iterator[str]:
    """Serve files by path, to everybody or to one user, ``name:password``, with a pause after each 20 KB.

    Yields the address, without a user. Asked as a proxy, it looks for the whole address among the paths.
    """
    wanted = user and f"Basic {base64.b64encode(user.encode()).decode()}"

    class Handler(_Quiet):
        def do_GET(self) -> None:
            body = files.get(self.path)
            refused = wanted and self.headers.get("Authorization") != wanted
            self.send_response(401 if refused else 404 if body is None else 200)
            content = b"" if refused else body or b""
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for begin in range(0, len(content), _PIECE) if pause else ():
                self.wfile.write(content[begin : begin + _PIECE])
                time.sleep(pause)
            if not pause:
                self.wfile.write(content)

    with _running(Handler) as address:
        yield address


@contextmanager
def hanging() -> Iterator[str]:
    """Accept, and never answer."""
    over = threading.Event()

    class Handler(_Quiet):
        def do_GET(self) -> None:
            over.wait(_CRAWL_SECONDS)

        do_HEAD = do_CONNECT = do_GET

    with _running(Handler, over) as address:
        yield address


@contextmanager
def crawling() -> Iterator[str]:
    """Answer at once, then send a byte a second of what is announced as a large file."""
    over = threading.Event()

    class Handler(_Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            for _ in range(_CRAWL_SECONDS):
                if over.wait(1):
                    return
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return

        do_HEAD = do_CONNECT = do_GET

    with _running(Handler, over) as address:
        yield address


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler], over: threading.Event | None = None) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with answering(server):
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            if over:
                over.set()
