"""Finding or getting the engine, with programs and servers of the tests' own in place of the real ones."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandbox import engine
from sandbox.engine import EngineUnavailableError, WayFailedError, cached_path, find_engine, gomodule, release
from sandbox.engine.release import Release
from tests.sandbox.machine import Said, program

ARCHIVE = f"pulumi-v{engine.VERSION}-linux-x64.tar.gz"
ROOT = Path(__file__).resolve().parents[2]


def pulumi(path: Path, version: str) -> Path:
    return program(path, f"echo {version}")


def archive(version: str = f"v{engine.VERSION}") -> bytes:
    data = f"#!/bin/sh\necho {version}\n".encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as files:
        entry = tarfile.TarInfo("pulumi/pulumi")
        entry.size = len(data)
        files.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing installed, no cache, and no way out; returns the only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(release, "Release", lambda: Release("http://127.0.0.1:9/sdk", "http://127.0.0.1:9/sums"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, bytes]], str]]:
    """Start a web server on the loopback interface; give it its files, get its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(files: dict[str, bytes]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = files.get(self.path.rpartition("/")[2])
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def published(serve: Callable[[dict[str, bytes]], str], body: bytes, digest: str | None = None) -> Release:
    sums = f"0000  other.tar.gz\n{digest or hashlib.sha256(body).hexdigest()}  {ARCHIVE}\n".encode()
    address = serve({ARCHIVE: body, "sums": sums})
    return Release(address, f"{address}/sums")


def test_a_recent_pulumi_on_path_is_taken(machine: Path) -> None:
    pulumi(machine / "pulumi", "v3.300.1")
    found = find_engine(Said())
    assert (found.origin, found.version, found.path) == ("PATH", (3, 300, 1), machine / "pulumi")


@pytest.mark.parametrize("answer", ["v3.255.9", "v2.900.0", "nonsense"])
def test_a_pulumi_that_is_old_or_does_not_tell_its_version_is_passed_over(machine: Path, answer: str) -> None:
    pulumi(machine / "pulumi", answer)
    pulumi(cached_path(), f"v{engine.VERSION}")
    assert find_engine(Said()).origin == "tool cache"


@pytest.mark.usefixtures("machine")
def test_the_official_release_is_downloaded_verified_and_kept(
    serve: Callable[[dict[str, bytes]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    where = published(serve, archive())
    monkeypatch.setattr(release, "Release", lambda: where)
    said = Said()
    first = find_engine(said)
    assert (first.origin, first.path) == ("official release", cached_path())
    assert any("downloading" in text for text in said.lives)
    assert find_engine(Said()).origin == "tool cache"
    assert sorted(path.name for path in cached_path().parents[2].iterdir()) == [
        "pulumi-engine.lock",
        cached_path().parents[1].name,
    ]


def test_an_archive_with_another_checksum_is_refused_and_nothing_is_kept(
    tmp_path: Path, serve: Callable[[dict[str, bytes]], str]
) -> None:
    (tmp_path / "bin").mkdir()
    with pytest.raises(WayFailedError, match=r"has SHA-256 .* the release page says 1234"):
        release.download(tmp_path / "bin" / "pulumi", Said(), published(serve, archive(), digest="1234"))
    assert list((tmp_path / "bin").iterdir()) == []


def test_a_release_that_is_not_published_is_passed_over_with_the_reason(
    tmp_path: Path, serve: Callable[[dict[str, bytes]], str]
) -> None:
    where = replace(published(serve, archive()), archives=serve({}))
    with pytest.raises(WayFailedError, match="HTTP 404"):
        release.download(tmp_path / "pulumi", Said(), where)


def test_a_connection_that_ends_too_early_is_no_download(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(
            target=_answer, args=(server, b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), daemon=True
        ).start()
        where = Release("http://127.0.0.1:9", f"http://127.0.0.1:{server.getsockname()[1]}/sums")
        with pytest.raises(WayFailedError, match="ended too early"):
            release.download(tmp_path / "pulumi", Said(), where)


def test_a_server_that_never_answers_is_given_up_after_the_connect_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", "0.3")
    with socket.create_server(("127.0.0.1", 0)) as server:
        begin = time.monotonic()
        with pytest.raises(
            WayFailedError,
            match=r"did not answer in 0\.3 s\. HTTPS_PROXY .*; ACKP_STALL_SECONDS .*`scripts/venv --bundle FILE`",
        ):
            release.download(
                tmp_path / "pulumi", Said(), Release("", f"http://127.0.0.1:{server.getsockname()[1]}/sums")
            )
        assert time.monotonic() - begin < 5


def test_a_download_that_stands_still_is_given_up_after_the_stall_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", "0.3")
    with socket.create_server(("127.0.0.1", 0)) as server:
        head = b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
        threading.Thread(target=_answer, args=(server, head, 10.0), daemon=True).start()
        with pytest.raises(WayFailedError, match=r"127\.0\.0\.1:\d+ sent less than 16 KB in 0\.3 s"):
            release.download(
                tmp_path / "pulumi", Said(), Release("", f"http://127.0.0.1:{server.getsockname()[1]}/sums")
            )


def _answer(server: socket.socket, data: bytes, hold: float = 0.0) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(data)
        time.sleep(hold)


GO = r"""
while [ "$1" != -o ]; do shift; done
echo "go: downloading example.com/module v1.0.0" >&2
echo example.com/module/package >&2
echo built >>"$XDG_CACHE_HOME/builds"
printf '#!/bin/sh\necho v%s\n' VERSION >"$2"
/bin/chmod +x "$2"
""".replace("VERSION", engine.VERSION)


def test_without_a_release_the_engine_is_built_with_go(machine: Path) -> None:
    program(machine / "go", GO)
    said = Said()
    assert find_engine(said).origin == "Go module"
    assert any(line.startswith("Pulumi engine: official release passed over: ") for line in said.lines)


def test_two_commands_at_once_build_the_engine_once(machine: Path, tmp_path: Path) -> None:
    program(machine / "go", GO.replace("echo built", "/bin/sleep 1; echo built"))
    code = (
        "from sandbox.engine import find_engine, release; from sandbox.progress import Lines\n"
        "where = release.Release('http://127.0.0.1:9', 'http://127.0.0.1:9'); release.Release = lambda: where\n"
        "print(find_engine(Lines()).origin)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(process.communicate()[0].strip() for process in both) == ["Go module", "tool cache"]
    assert (tmp_path / "cache" / "builds").read_text() == "built\n"


def test_a_failed_build_gives_go_s_own_reason(machine: Path) -> None:
    program(machine / "go", 'echo "go: downloading x v1" >&2; echo "x@v1: 403 Forbidden" >&2; exit 1')
    with pytest.raises(EngineUnavailableError, match=r"Go module: `go build` failed: x@v1: 403 Forbidden"):
        find_engine(Said())


def test_a_build_that_hangs_is_ended_with_its_children(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", "0.3")
    program(machine / "go", f"echo $$ >{tmp_path}/pid; /bin/sleep 60")
    (tmp_path / "out").mkdir()
    with pytest.raises(WayFailedError, match=r"sent next to nothing in 0\.3 s to `go build`"):
        gomodule.build(tmp_path / "out" / "pulumi", Said())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert list((tmp_path / "out").iterdir()) == []


def test_with_no_way_to_an_engine_the_report_names_each_way_and_what_helps(machine: Path) -> None:
    pulumi(machine / "pulumi", "v3.100.0")
    with pytest.raises(EngineUnavailableError) as refused:
        find_engine(Said())
    report = str(refused.value)
    for part in (
        f"- pulumi on PATH: {machine / 'pulumi'} is 3.100.0, older than 3.256.0",
        f"- tool cache: nothing at {cached_path()}",
        "- official release: 127.0.0.1:9: Connection refused (/sums)",
        "- Go module: no `go` on PATH",
        "https://www.pulumi.com/docs/install/",
    ):
        assert part in report


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EngineUnavailableError, match=r"tool cache .*file.* cannot be used: Not a directory"):
        find_engine(Said())


def test_the_pinned_module_is_the_pinned_version() -> None:
    pins = (ROOT / "sandbox" / "engine" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{engine.VERSION} " in pins
    sums = (ROOT / "sandbox" / "engine" / "go.sum").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{engine.VERSION} h1:" in sums
