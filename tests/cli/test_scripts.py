"""The bootstrap scripts, on machines that lack this or that."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from sandbox.engine import cache_directory
from scripts import bootstrap
from tests.bundle.servers import crawling, hanging

ROOT = Path(__file__).resolve().parents[2]
UV = bootstrap.get_uv(cache_directory())
"""The uv that made the environment of these tests: on PATH, or in the tool cache."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts and the least of a project: one package, no dependencies."""
    root = tmp_path / "checkout"
    for needed in ("scripts", "sandbox", "bundle"):  # what `scripts/bootstrap.py` imports
        shutil.copytree(ROOT / needed, root / needed, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", root / "Makefile")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "tiny"\nversion = "1"\nrequires-python = ">=3.11"\n'
        '[project.scripts]\nackp = "tiny:main"\n'
        '[dependency-groups]\ndev = ["hatchling==1.33.0", "editables==0.6"]\n'
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    )
    (root / "tiny").mkdir()
    (root / "tiny" / "__init__.py").write_text("import sys\ndef main():\n    print(*sys.argv[1:])\n")
    subprocess.run([UV, "lock", "--quiet", "--project", root], check=True, cwd=root)
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv").symlink_to(UV)
    return root


def run(checkout: Path, *arguments: str, path: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    # The variables of `make test` itself would make an inner make talk of folders.
    left_out = {"STACK", "OUT", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    path = f"{checkout.parent / 'uv'}:{environment['PATH']}" if path is None else path
    environment |= {"XDG_CACHE_HOME": str(checkout.parent / "cache"), "PATH": path, **more}
    return subprocess.run(arguments, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def only(folder: Path, *programs: str) -> str:
    """A PATH with these programs of this machine and nothing else."""
    folder.mkdir()
    for name in programs:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)


BASICS = ("sh", "cat", "cksum", "dirname")


def test_the_scripts_pass_shellcheck() -> None:
    scripts = [ROOT / "scripts" / "venv", ROOT / "scripts" / "ackp", ROOT / ".ci" / "run"]
    done = subprocess.run(
        [Path(sys.executable).with_name("shellcheck"), *scripts], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_environment_is_made_once_and_standard_output_is_the_commands_own(checkout: Path) -> None:
    first = run(checkout, "scripts/ackp", "a b", "c")
    assert (first.returncode, first.stdout) == (0, "a b c\n"), first.stderr
    assert "making the Python environment" in first.stderr
    second = run(checkout, "scripts/ackp", "again", path=only(checkout.parent / "bin", *BASICS))
    assert (second.returncode, second.stdout, second.stderr) == (0, "again\n", "")


def test_a_changed_lock_file_brings_the_environment_up_to_date(checkout: Path) -> None:
    run(checkout, "scripts/ackp")
    (checkout / "uv.lock").write_text((checkout / "uv.lock").read_text() + "\n")
    assert "making the Python environment" in run(checkout, "scripts/ackp").stderr


def test_a_moved_checkout_gets_a_new_environment(checkout: Path) -> None:
    run(checkout, "scripts/ackp")
    moved = checkout.rename(checkout.with_name("moved"))
    done = run(moved, "scripts/ackp", "here")
    assert (done.returncode, done.stdout) == (0, "here\n"), done.stderr


def test_make_passes_the_stack_on_and_test_is_the_default(checkout: Path) -> None:
    run(checkout, "scripts/ackp")
    assert run(checkout, "make", "up").stdout == "up --stack test\n"
    assert run(checkout, "make", "outputs", "STACK=uat").stdout == "outputs --stack uat\n"
    assert run(checkout, "make", "render", "STACK=uat").stdout == "render --stack uat --out rendered/uat\n"
    odd = run(checkout, "make", "down", "STACK=a b; echo no")
    assert odd.stdout == "down --stack a b; echo no\n"


def test_without_a_recent_python_the_reason_is_one_line(checkout: Path) -> None:
    folder = checkout.parent / "bin"
    path = only(folder, *BASICS)
    (folder / "python3").write_text("#!/bin/sh\nexit 1\n")
    (folder / "python3").chmod(0o755)
    done = run(checkout, "scripts/ackp", "up", path=path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_without_uv_it_is_installed_into_the_tool_cache(checkout: Path) -> None:
    path = only(checkout.parent / "bin", *BASICS)
    (checkout.parent / "bin" / "python3").symlink_to(Path(sys.executable).resolve())
    done = run(checkout, "scripts/ackp", "ready", path=path)
    assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
    assert "installing uv" in done.stderr
    assert list((checkout.parent / "cache" / "ack-platform").glob("uv-*/bin/uv"))


def test_where_uv_cannot_be_had_the_report_names_each_way(checkout: Path) -> None:
    path = only(checkout.parent / "bin", *BASICS)
    (checkout.parent / "bin" / "python3").symlink_to(Path(sys.executable).resolve())
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""}
    nowhere |= {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    done = run(checkout, "scripts/ackp", "up", path=path, **nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    for way in ("pip in a virtual environment", "pip --target", "the official installer"):
        assert f"  - {way}: " in done.stderr
    assert "https://docs.astral.sh/uv/getting-started/installation/" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_configured_index_is_asked_and_serves_what_the_lock_file_pins(checkout: Path) -> None:
    done = run(checkout, "scripts/ackp", "ready", UV_DEFAULT_INDEX="https://pypi.org/simple")
    assert (done.returncode, done.stdout) == (0, "ready\n"), done.stderr
    assert "from the configured index" in done.stderr
    broken = (checkout / "uv.lock").read_text().replace("sha256:", "sha256:0000", 99)
    (checkout / "uv.lock").write_text(re.sub(r"sha256:0000(\w{60})\w{4}", r"sha256:0000\1", broken))
    shutil.rmtree(checkout / ".venv")
    refused = run(checkout, "scripts/ackp", "ready", UV_DEFAULT_INDEX="https://pypi.org/simple")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Hash mismatch" in refused.stderr


@pytest.mark.parametrize("server", [hanging, crawling])
@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "HTTPS_PROXY"])
def test_an_index_or_a_proxy_that_hangs_or_crawls_is_given_up(
    checkout: Path, server: Callable[[], AbstractContextManager[str]], variable: str
) -> None:
    with server() as address:
        slow = {variable: address, "ACKP_STALL_SECONDS": "2", "UV_CACHE_DIR": str(checkout.parent / "empty")}
        begin = time.monotonic()
        done = run(checkout, "scripts/ackp", "ready", **slow)
        assert time.monotonic() - begin < 180  # on a busy machine; without the limit it would be for ever
    host = address.removeprefix("http://")
    asked = host if variable == "UV_DEFAULT_INDEX" else f"pypi.org or files.pythonhosted.org (through the proxy {host})"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"ackp: {asked} sent next to nothing in 2 s. UV_DEFAULT_INDEX or ")
    assert "`scripts/venv --bundle FILE` here" in done.stderr


@pytest.mark.parametrize("server", [hanging, crawling])
def test_an_index_that_hangs_or_crawls_while_uv_is_installed_is_given_up(
    checkout: Path, server: Callable[[], AbstractContextManager[str]]
) -> None:
    path = only(checkout.parent / "bin", *BASICS)
    (checkout.parent / "bin" / "python3").symlink_to(Path(sys.executable).resolve())
    with server() as address:
        slow = {"PIP_INDEX_URL": f"{address}/simple", "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "HTTPS_PROXY": address}
        slow |= {"NO_PROXY": "127.0.0.1", "ACKP_STALL_SECONDS": "2"}
        done = run(checkout, "scripts/ackp", "up", path=path, **slow)
    assert (done.returncode, done.stdout) == (1, "")
    host = address.removeprefix("http://")
    for way in ("pip in a virtual environment", "pip --target"):
        assert re.search(rf"\n  - {way}: {host} \(.*\) sent next to nothing in 2 s\.", done.stderr)
    assert "\n  - the official installer: " in done.stderr


def test_a_limit_that_is_none_is_refused_before_anything_is_touched(checkout: Path) -> None:
    done = run(checkout, "scripts/ackp", "up", ACKP_STALL_SECONDS="soon")
    assert done.returncode == 1
    assert done.stderr == 'ackp: ACKP_STALL_SECONDS is "soon": it takes seconds, for example 30\n'
    assert not (checkout / ".venv").exists()


def test_two_commands_at_once_make_the_environment_once(checkout: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(checkout.parent / "cache")}
    both = [
        subprocess.Popen(
            ["scripts/ackp", "ready"],
            cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    ends = [process.communicate() for process in both]
    assert [out for out, _ in ends] == ["ready\n", "ready\n"]
    assert sum("making the Python environment" in err for _, err in ends) == 1
