"""Servers that hang, and that crawl: each client gives them up within its limit, and says who, and what helps."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from bundle.plugins import VARIABLE as OVERRIDES
from bundle.plugins import download
from sandbox.cargo_tools import CargoTools, crate_programs
from sandbox.download import fetch
from sandbox.engine import WayFailedError, gomodule
from sandbox.network import stall_seconds
from tests.bundle.conftest import HERE
from tests.bundle.servers import crawling, hanging, serving
from tests.sandbox.machine import Said

Server = Callable[[], AbstractContextManager[str]]

LIMIT = 2
PATIENCE = 120
"""Seconds that a machine which is busy with other tests may take; without the limit it would be for ever."""
both = pytest.mark.parametrize("server", [hanging, crawling])


@pytest.fixture(autouse=True)
def _limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", str(LIMIT))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@contextmanager
def given_up(host: str, *words: str) -> Iterator[None]:
    """What is done in the block is given up in time: a busy machine has its share, waiting for the network has not."""
    begin = time.monotonic()
    with pytest.raises(WayFailedError) as error:
        yield
    assert time.monotonic() - begin < PATIENCE
    for word in (host, *words, "HTTPS_PROXY", "ACKP_STALL_SECONDS", "`scripts/venv --bundle FILE`"):
        assert word in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_from_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    with hanging() as address, given_up(address.removeprefix("http://"), "did not answer in 2 s", "A_MIRROR"):
        fetch(f"{address}/file", tmp_path / "file", Said(), name="file", mirrors="A_MIRROR")


def test_a_file_from_a_server_that_crawls_is_given_up(tmp_path: Path) -> None:
    said = Said()
    with crawling() as address, given_up(address.removeprefix("http://"), "sent less than 16 KB in 2 s"):
        fetch(f"{address}/file", tmp_path / "file", said, name="file")
    assert any("downloading file from 127.0.0.1:" in live for live in said.lives)


def test_a_proxy_that_hangs_is_given_up_for_an_encrypted_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hanging() as address, given_up(f"files.invalid (through the proxy {address[7:]}) did not answer in 2 s"):
        monkeypatch.setenv("HTTPS_PROXY", address)
        fetch("https://files.invalid/file", tmp_path / "file", Said(), name="file")


def test_a_file_that_comes_slowly_but_comes_is_waited_for_longer_than_the_limit(tmp_path: Path) -> None:
    with serving({"/file": b"x" * 200_000}, pause=0.5) as address:
        begin = time.monotonic()
        fetch(f"{address}/file", tmp_path / "file", Said(), name="file")
        assert time.monotonic() - begin > 2 * LIMIT
    assert (tmp_path / "file").stat().st_size == 200_000


def test_the_proxy_is_asked_and_hosts_of_no_proxy_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"http://files.invalid/file": b"by proxy", "/file": b"directly"}) as address:
        monkeypatch.setenv("HTTP_PROXY", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        for url, content in (("http://files.invalid/file", b"by proxy"), (f"{address}/file", b"directly")):
            fetch(url, tmp_path / "file", Said(), name="file")
            assert (tmp_path / "file").read_bytes() == content


@both
def test_a_plug_in_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as address:
        monkeypatch.setenv(OVERRIDES, f"kubernetes={address}")
        with given_up(address.removeprefix("http://"), OVERRIDES):
            download("kubernetes", "4.34.2", HERE, tmp_path, Said())


@both
def test_go_and_its_module_proxy_are_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as address:
        monkeypatch.setenv("GOPROXY", f"{address},direct")
        monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
        monkeypatch.setenv("GOFLAGS", "-modcacherw")
        with given_up(address.removeprefix("http://"), "GOPROXY", "`go build`"):
            gomodule.build(tmp_path / "pulumi", Said())
    assert not (tmp_path / "pulumi").exists()


@both
def test_cargo_and_its_registry_are_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    # Tests of the engine may have given this process another HOME, in which rustup knows no cargo.
    user = Path(pwd.getpwuid(os.getuid()).pw_dir)
    monkeypatch.setenv("RUSTUP_HOME", os.environ.get("RUSTUP_HOME", str(user / ".rustup")))
    (tmp_path / "cargo").mkdir()
    with server() as address:
        mirror = f'[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+{address}/"\n'
        (tmp_path / "cargo" / "config.toml").write_text(mirror)
        with given_up("crates.io", "`cargo install`", "~/.cargo/config.toml"):
            crate_programs(CargoTools("rnacos", "0.8.8", first_time="never"), Said())


@pytest.mark.parametrize("chosen", ["soon", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", chosen)
    with pytest.raises(WayFailedError, match=f'ACKP_STALL_SECONDS is "{chosen}": it takes seconds, for example 30'):
        stall_seconds()
