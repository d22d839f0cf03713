"""The registration script under a shell, and a service for it to look at."""

import http.server
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.answering import answering
from tests.scripts.nacos_server import NacosServer

SCRIPT: Final = Path(__file__).parents[2] / "components" / "scripts" / "registration.sh"
POD_IP: Final = "127.0.0.1"
SERVICE: Final = "oauth2-server"
SHELLS: Final = ("dash", "bash", *(("busybox sh",) if sys.platform == "linux" else ()))
"""Those that images have: Debian's, the guide's, Alpine's."""


class Application:
    """A process that listens, as Spring does once its port is open; what it answers can be changed."""

    def __init__(self, port: int, answers: int) -> None:
        self.port = port
        self.answers = answers


@contextmanager
def application(*, answers: int = 200) -> Iterator[Application]:
    """A service on a port of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(made.answers)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((POD_IP, 0), Handler)
    server.daemon_threads = True
    made = Application(server.server_address[1], answers)
    with answering(server):
        yield made


@contextmanager
def sidecar(variables: dict[str, str], shell: str = "sh") -> Iterator[subprocess.Popen[str]]:
    process = begin(variables, "run", shell)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def begin(variables: dict[str, str], words: str, shell: str = "sh") -> subprocess.Popen[str]:
    """Start a verb, with what stands behind it, and let it run."""
    command = [*shell.split(), str(SCRIPT), *words.split()]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def verb(variables: dict[str, str], words: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    process = begin(variables, words, shell)
    said, _ = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, said)


def wait_for(claim: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "did not become true in time"
        time.sleep(0.05)


def register(nacos: NacosServer, port: int = 80) -> None:
    nacos.register(SERVICE, POD_IP, port)
