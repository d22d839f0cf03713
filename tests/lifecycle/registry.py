"""A real registry that speaks Nacos' API: rnacos, built from its crate, on one address and never on all.

Source: https://github.com/nacos-group/r-nacos; its settings: https://r-nacos.github.io/docs/notes/env_config/
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox.cargo_tools import CargoTools, crate_programs
from sandbox.progress import Lines, Progress

RNACOS: Final = CargoTools("rnacos", "0.8.8", first_time="8 minutes")

PORT: Final = 8848
"""The port of Nacos' HTTP API."""
GRPC_PORT: Final = PORT + 1000
"""Where clients since 2.x look for gRPC: https://nacos.io/en/docs/latest/upgrading/2.0.0-compatibility/"""
CONSOLE_PORT: Final = 10848
READY_SECONDS: Final = 60.0

_CALL_SECONDS = 10.0
_ATTEMPTS = 5
_DEAD = "panicked at"
"""Its parts start side by side, and now and then one asks another that is not there yet: it dies, the rest lives on."""


class RegistryError(Exception):
    """The registry did not start, or refused a call; the text is its own."""


@dataclass
class Registry:
    """A registry on one address.

    Attributes:
        host: The address; ports are Nacos' own.
        directory: Where it keeps its data and its log.
        username: The administrator's name where calls need a login, else empty.
        password: The administrator's password.
    """

    host: str
    directory: Path
    username: str = ""
    password: str = field(default="", repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _token: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """As services are given it, host:port."""
        return f"{self.host}:{PORT}"

    @property
    def log(self) -> Path:
        """What the registry said."""
        return self.directory / "log"

    def start(self, progress: Progress | None = None) -> None:
        """Start it, and return when it answers.

        Raises:
            WayFailedError: It cannot be built.
            RegistryError: It did not come up; the text has its last words.
        """
        for port in (PORT, GRPC_PORT, CONSOLE_PORT):
            self._claim(port)
        program = crate_programs(RNACOS, progress or Lines()) / "rnacos"
        data = self.directory / "data"
        first = not data.exists()
        for _ in range(_ATTEMPTS):
            if self._came_up(program):
                return
            if first:
                shutil.rmtree(data, ignore_errors=True)  # half made, and never made whole
        raise RegistryError(f"rnacos did not come up on {self.host}: {self._said()[-2000:]}")

    def stop(self) -> None:
        """End it, as an outage does: clients lose their connections."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def visible(self, service: str, namespace: str = "public") -> list[tuple[str, int]]:
        """What consumers see: address and port of each enabled, healthy instance, sorted."""
        query = {"serviceName": service, "namespaceId": namespace, "healthyOnly": "true"}
        hosts = json.loads(self.call("GET", "/nacos/v1/ns/instance/list", query))["hosts"]
        return sorted((each["ip"], each["port"]) for each in hosts)

    def instance(self, service: str, ip: str, port: int, namespace: str = "public") -> dict[str, Any]:
        """One instance as the registry has it.

        Raises:
            RegistryError: There is none.
        """
        query = {"serviceName": service, "namespaceId": namespace, "ip": ip, "port": str(port)}
        found: dict[str, Any] = json.loads(self.call("GET", "/nacos/v1/ns/instance", query))
        return found

    def call(self, method: str, path: str, query: dict[str, str]) -> str:
        """Ask the HTTP API.

        Raises:
            RegistryError: It refused.
        """
        if self.username and not self._token:
            login = urllib.parse.urlencode({"username": self.username, "password": self.password}).encode()
            answer = self._send("POST", "/nacos/v1/auth/login", login)
            self._token = json.loads(answer)["accessToken"]
        token = {"accessToken": self._token} if self._token else {}
        return self._send(method, f"{path}?{urllib.parse.urlencode({**query, **token})}", None)

    def _send(self, method: str, path: str, body: bytes | None) -> str:
        request = urllib.request.Request(f"http://{self.address}{path}", body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_CALL_SECONDS) as answer:  # noqa: S310 -- http, to the registry
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            raise RegistryError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
        except OSError as error:
            raise RegistryError(f"{method} {path}: {error}") from None

    def _came_up(self, program: Path) -> bool:
        """Start the process; False, and none is left, where it ended or a part of it died."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [program],
                cwd=self.directory,
                env={**self._environment(), "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while True:
            answers = self._answers()
            if self._process.poll() is not None or _DEAD in self._said() or time.monotonic() > deadline:
                self.stop()
                return False
            if answers:
                return True
            time.sleep(0.1)

    def _said(self) -> str:
        return self.log.read_text(errors="replace")

    def _claim(self, port: int) -> None:
        """Make sure that what will answer on a port is this registry."""
        try:
            socket.create_server((self.host, port)).close()
        except OSError as error:
            raise RegistryError(f"rnacos cannot listen on {self.host}:{port}: {error.strerror}") from None

    def _answers(self) -> bool:
        """Whether HTTP answers and gRPC listens."""
        try:
            self._token = ""
            self.visible("nothing")
            socket.create_connection((self.host, GRPC_PORT), timeout=1).close()
        except (RegistryError, OSError, KeyError):
            return False
        return True

    def _environment(self) -> dict[str, str]:
        login = {
            "RNACOS_ENABLE_OPEN_API_AUTH": "true",
            "RNACOS_INIT_ADMIN_USERNAME": self.username,
            "RNACOS_INIT_ADMIN_PASSWORD": self.password,
            "RNACOS_API_LOGIN_ONE_MINUTE_LIMIT": "1000",  # it is asked again and again until the user is there
        }
        return {
            "RNACOS_SDK_HOST": self.host,
            "RNACOS_CONSOLE_HOST": self.host,
            "RNACOS_HTTP_PORT": str(PORT),
            "RNACOS_GRPC_PORT": str(GRPC_PORT),
            "RNACOS_HTTP_CONSOLE_PORT": str(CONSOLE_PORT),
            "RNACOS_RAFT_NODE_ADDR": f"{self.host}:{GRPC_PORT}",
            "RNACOS_DATA_DIR": str(self.directory / "data"),
            "RNACOS_HTTP_WORKERS": "2",
            **(login if self.username else {}),
        }


@contextmanager
def registry(host: str, directory: Path, *, username: str = "", password: str = "") -> Iterator[Registry]:
    """A running registry on an address of this machine, for as long as the block lasts.

    Args:
        host: The address: one of the loopback network, or of a bridge that a test made.
        directory: A folder of its own.
        username: Set to make calls need a login.
        password: The administrator's password.
    """
    made = Registry(host, directory, username, password)
    made.start()
    try:
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            made.stop()
