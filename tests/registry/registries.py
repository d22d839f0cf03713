"""Registries on the loopback interface: Distribution itself, and in front of it one that gives tokens, as ACR does."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cluster.node.image import write_image
from cluster.node.programs import REGISTRY
from cluster.node.registry import Registry
from sandbox.go_tools import programs
from sandbox.progress import Lines
from tests.answering import answering

USER, PASSWORD = "deploy@example", "pass:word"
REPOSITORY = "example/study"
TOKEN = "token-of-the-test"
_STARTS_SECONDS = 60


@contextmanager
def distribution(folder: Path) -> Iterator[Registry]:
    """The real registry, with one login."""
    login = folder / "login"
    login.write_text(f"{USER}:{PASSWORD}", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = programs(REGISTRY, Lines()) / "registry"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, f"127.0.0.1:{port}", folder / "images", login], stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, process)
        yield Registry(f"127.0.0.1:{port}", USER, PASSWORD)
    finally:
        process.kill()
        process.wait()


def push(registry: Registry, folder: Path, tag: str, content: str) -> str:
    """Push an image whose one file says something; its digest."""
    file = folder / "content"
    file.write_text(content, encoding="utf-8")
    write_image(folder / "image.tar", tag, {"content": file}, ["/content"])
    return registry.push(folder / "image.tar", f"{registry.address}/{REPOSITORY}:{tag}")


def docker_config(folder: Path, *registries: str, user: str = USER, password: str = PASSWORD) -> None:
    """What `docker login` writes."""
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    text = json.dumps({"auths": {registry: {"auth": auth} for registry in registries}})
    (folder / "config.json").write_text(text, encoding="utf-8")


@contextmanager
def with_tokens(behind: Registry, realm: str = "") -> Iterator[str]:
    """A registry that wants a token, and gives one for the login; its answers are those of the one behind it.

    Args:
        behind: The registry.
        realm: The address of the login server that it names; its own if left out.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if self.path.startswith("/token?"):
                accepted = self.headers.get("Authorization") == f"Basic {wanted}" and "scope=repository" in self.path
                self._answer(200 if accepted else 401, json.dumps({"token": TOKEN}).encode() if accepted else b"")
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                place = realm or f"http://127.0.0.1:{server.server_port}/token"
                challenge = f'Bearer realm="{place}",service="registry",scope="repository:{REPOSITORY}:pull"'
                self._answer(401, b"", {"WWW-Authenticate": challenge})
            else:
                self._forward(wanted)

        do_HEAD = do_GET

        def _forward(self, login: str) -> None:
            with contextlib.closing(http.client.HTTPConnection(behind.address, timeout=30)) as connection:
                headers = {"Authorization": f"Basic {login}", "Accept": self.headers.get("Accept", "*/*")}
                connection.request(self.command, self.path, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                kept = {name: value for name, value in answer.getheaders() if name not in {"Content-Length", "Date"}}
                self._answer(answer.status, body, kept)

        def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with answering(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"127.0.0.1:{server.server_port}"


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the registry ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the registry does not listen")
