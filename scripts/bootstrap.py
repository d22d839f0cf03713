#!/usr/bin/env python3
"""Make or update `.venv` with uv; find uv on PATH or in the tool cache, or install it there.

Needs only the standard library of Python 3.11. `scripts/venv` starts it when the environment is missing or out of date,
as `python bootstrap.py STAMP`, where STAMP is what `scripts/venv` will compare the next time. With a FILE after it that
`ackp bundle` made, everything comes out of that file and no server is asked.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bundle.install import Bundle, opened  # noqa: E402 - the path had to be set
from sandbox.engine import cache_directory  # noqa: E402 - see above
from sandbox.network import (  # noqa: E402 - see above
    WITHOUT_NETWORK,
    Standstill,
    WayFailedError,
    connect_seconds,
    given_up,
    host_of,
    python_index,
    stall_seconds,
    work_of,
)

UV_VERSION = "0.13.9"
"""The uv that is installed when there is none; `uv.lock` pins the same for the environment."""

OLDEST_UV = (0, 8, 0)
"""The oldest uv on PATH that is taken."""

INSTALL_SECONDS = 180
"""How long one way of installing uv may take in all."""

_SAY_SECONDS = 10.0
_INSTALLER = f"https://astral.sh/uv/{UV_VERSION}/install.sh"
_MIRRORS = "UV_DEFAULT_INDEX or PIP_INDEX_URL"


def main(stamp: str, bundle: str | None = None) -> int:
    """Bring `.venv` up to date and leave the stamp in it; the result is the exit code."""
    cache = cache_directory()
    try:
        stall_seconds()  # refused before anything is touched
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "bootstrap.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if bundle:
                _from_bundle(Path(bundle), stamp)
            else:
                _sync(cache, stamp)
    except WayFailedError as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"{error.filename or cache} cannot be used: {error.strerror}. Make it writable and run the command again.")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; run the command again to go on")
        return 130
    return 0


def _sync(cache: Path, stamp: str) -> None:
    file = ROOT / ".venv" / "ackp-stamp"
    if file.is_file() and file.read_text(encoding="utf-8").strip() == stamp:
        return  # another command did it while this one waited for the lock
    uv = str(get_uv(cache))
    index = python_index()
    _say(f"making the Python environment .venv with uv, from {'the configured index' if index else 'PyPI'}")
    if index is None:
        _uv([uv, "sync", "--locked"], "pypi.org or files.pythonhosted.org")
    else:
        _from_elsewhere(uv, ["--default-index", index], hosts=host_of(index))
    file.write_text(stamp + "\n", encoding="utf-8")


def _from_bundle(file: Path, stamp: str) -> None:
    def make_environment(bundle: Bundle) -> None:
        _say("making the Python environment .venv out of the bundle")
        where = ["--offline", "--no-index", "--find-links", str(bundle.wheels)]
        (ROOT / ".venv" / "ackp-stamp").unlink(missing_ok=True)
        _from_elsewhere(str(bundle.uv), where, python=bundle.python, hosts=None)
        (ROOT / ".venv" / "ackp-stamp").write_text(stamp + "\n", encoding="utf-8")

    with opened(file, ROOT, _say) as bundle:
        bundle.install(make_environment, _say)


def _from_elsewhere(uv: str, where: list[str], *, hosts: str | None, python: str = sys.executable) -> None:
    """Install what uv.lock says from another index, or from a folder.

    uv.lock names the address of each file on PyPI, and `uv sync` with another index resolves anew. The exported list
    has versions and checksums only, so a mirror can serve it, and cannot serve anything else.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = str(Path(folder) / "requirements.txt")
        _uv([uv, "export", "--frozen", "--no-emit-project", "--output-file", wanted], hosts, python)
        if _version_of(ROOT / ".venv" / "bin" / "python") != _version_of(Path(python)):
            _uv([uv, "venv", "--clear", str(ROOT / ".venv")], hosts, python)
        place = ["--python", str(ROOT / ".venv" / "bin" / "python"), *where]
        _uv([uv, "pip", "sync", *place, "--require-hashes", wanted], hosts, python)
        # Built by the hatchling that uv.lock pins, which is in the environment by now.
        _uv([uv, "pip", "install", *place, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], hosts, python)


def _version_of(python: Path) -> str:
    """Major and minor version; empty for what does not start."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=20, check=False).stdout  # noqa: S603 - the environment's Python
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _uv(command: list[str], hosts: str | None, python: str = sys.executable) -> None:
    # Without its own bars, so that what it writes is what it fetched.
    code = _watched(
        [command[0], "--quiet", *command[1:]],
        hosts,
        environment={
            "UV_HTTP_TIMEOUT": f"{max(stall_seconds(), 1):.0f}",
            "UV_HTTP_CONNECT_TIMEOUT": f"{max(connect_seconds(), 1):.0f}",
            "UV_HTTP_RETRIES": "1",
            **os.environ,
            "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv"),
            "UV_PYTHON": python,
            "UV_PYTHON_DOWNLOADS": "never",
        },
    )
    if code != 0:
        ways = f"{_MIRRORS} names another index, HTTPS_PROXY a proxy; {WITHOUT_NETWORK}"
        mend = f". If {hosts} cannot be reached: {ways}" if hosts else ""
        raise WayFailedError(f"uv ended with exit code {code}; its message stands above{mend}")


def _watched(command: list[str], hosts: str | None, environment: dict[str, str]) -> int:
    """Run uv to its end, in sight; given up where it asks `hosts` and does nothing for too long."""
    environment.pop("VIRTUAL_ENV", None)
    process = subprocess.Popen(  # noqa: S603 - uv, found or installed here
        command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    stall = stall_seconds()
    watch, begin, said = Standstill(stall), time.monotonic(), time.monotonic()
    try:
        while process.poll() is None:
            try:
                return process.wait(min(0.5, stall / 4))
            except subprocess.TimeoutExpired:
                work = work_of(process.pid, stall)
            if work is None:
                continue  # uv's own limit on silence has to do
            now = time.monotonic()
            if hosts and watch.stands(work[0]):
                raise WayFailedError(given_up(hosts, f"sent next to nothing in {stall:g} s", _MIRRORS))
            if now - said >= _SAY_SECONDS:
                _say(f"still at it: {now - begin:.0f} s, {work[1] >> 20} MB fetched and unpacked")
                said = now
        return process.returncode
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 15)
            process.wait()


def get_uv(cache: Path) -> Path:
    """The uv on PATH or in the tool cache; installed there where neither is, or both are too old."""
    return _find_uv(cache) or _install_uv(cache)


def _find_uv(cache: Path) -> Path | None:
    for found in (shutil.which("uv"), str(_cached_uv(cache))):
        if found and _uv_version(Path(found)) >= OLDEST_UV:
            return Path(found)
    return None


def _uv_version(uv: Path) -> tuple[int, ...]:
    """Three numbers; (0,) for what does not start or does not answer."""
    try:
        done = subprocess.run([uv, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 -- uv
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    numbers = re.match(r"uv (\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, numbers.groups())) if done.returncode == 0 and numbers else (0,)


def _install_uv(cache: Path) -> Path:
    ways: tuple[tuple[str, Callable[[Path], Path]], ...] = (
        ("pip in a virtual environment", _with_venv),
        ("pip --target", _with_target),
        ("the official installer", _with_installer),
    )
    closed = []
    for name, way in ways:
        _say(f"installing uv {UV_VERSION} with {name}")
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            try:
                uv = way(Path(folder))
            except WayFailedError as reason:
                closed.append(f"\n  - {name}: {reason}")
                _say(f"{name} passed over: {reason}")
                continue
            if _uv_version(uv) < OLDEST_UV:
                closed.append(f"\n  - {name}: what it installed does not start")
                continue
            place = _cached_uv(cache)
            place.parent.mkdir(parents=True, exist_ok=True)
            uv.replace(place)
            return place
    raise WayFailedError(
        f"uv is needed and could not be installed:{''.join(closed)}\n"
        "Install it by hand (https://docs.astral.sh/uv/getting-started/installation/) and run the command again, or\n"
        f"{WITHOUT_NETWORK}."
    )


def _with_venv(folder: Path) -> Path:
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([str(folder / "bin" / "python"), *_pip_install()], hosts=_index_host())
    return folder / "bin" / "uv"


def _with_target(folder: Path) -> Path:
    _run([sys.executable, *_pip_install(), "--target", str(folder)], hosts=_index_host())
    return folder / "bin" / "uv"


def _with_installer(folder: Path) -> Path:
    script = folder / "install.sh"
    wait = connect_seconds()
    fetch = f"import urllib.request as u; print(u.urlopen({_INSTALLER!r}, timeout={wait}).read().decode())"
    # In a process of its own: a name lookup that hangs has no time limit of its own.
    script.write_text(_run([sys.executable, "-c", fetch], limit=3 * wait), encoding="utf-8")
    _run(["sh", str(script)], hosts="astral.sh or github.com", UV_UNMANAGED_INSTALL=str(folder / "bin"))
    return folder / "bin" / "uv"


def _pip_install() -> list[str]:
    """Arguments for pip, which asks its own configuration for the index, the proxy and certificates."""
    limits = ["--timeout", f"{connect_seconds():g}", "--retries", "1"]
    return ["-m", "pip", "install", "--quiet", *limits, "--only-binary=:all:", f"uv=={UV_VERSION}"]


def _index_host() -> str:
    return host_of(python_index() or "https://pypi.org")


def _run(command: list[str], *, limit: float = INSTALL_SECONDS, hosts: str | None = None, **environment: str) -> str:
    """Run to the end, within `limit`; where it asks `hosts`, it may not stand still either."""
    stall = stall_seconds()
    watch, begin = Standstill(stall), time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(  # noqa: S603 - the commands above
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                if time.monotonic() - begin > limit:
                    raise WayFailedError(f"it did not end in {limit:g} s")
                work = work_of(process.pid, stall) if hosts else None
                if hosts and work and watch.stands(work[0]):
                    raise WayFailedError(given_up(hosts, f"sent next to nothing in {stall:g} s", _MIRRORS))
                time.sleep(min(0.2, stall / 4))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 15)
                process.wait()
        said.seek(0)
        output = said.read()
    if process.returncode != 0:
        lines = [line for line in output.splitlines() if line.strip()]
        raise WayFailedError(lines[-1] if lines else f"exit code {process.returncode}")
    return output


def _cached_uv(cache: Path) -> Path:
    return cache / f"uv-{UV_VERSION}" / "bin" / "uv"


def _say(text: str) -> None:
    print(f"ackp: {text}", file=sys.stderr, flush=True)  # noqa: T201 - this script talks to people


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
