#!/usr/bin/env python3
"""Make or update `.venv` with uv; find uv on PATH or in the tool cache, or install it there.

Needs only the standard library of Python 3.11. `scripts/venv` starts it when the environment is missing or out of date,
as `python bootstrap.py STAMP`, where STAMP is what `scripts/venv` will compare the next time.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

UV_VERSION = "0.13.9"
"""The uv that is installed when there is none."""

OLDEST_UV = (0, 8, 0)
"""The oldest uv on PATH that is taken."""

INSTALL_SECONDS = 180
"""How long one way of installing uv may take in all."""

ANSWER_SECONDS = 5
"""How long a server may be silent: while connecting, and during a download."""

ROOT = Path(__file__).resolve().parent.parent
_INSTALLER = f"https://astral.sh/uv/{UV_VERSION}/install.sh"


class WayFailedError(Exception):
    """One way to uv is closed; the text is the reason, one line."""


def main(stamp: str) -> int:
    """Bring `.venv` up to date and leave the stamp in it; the result is the exit code."""
    cache = _cache_directory()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "bootstrap.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            uv = get_uv(cache)
            return _sync(uv, stamp)
    except WayFailedError as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"{error.filename or cache} cannot be used: {error.strerror}. Make it writable and run the command again.")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; run the command again to go on")
        return 130


def _sync(uv: Path, stamp: str) -> int:
    file = ROOT / ".venv" / "ackp-stamp"
    if file.is_file() and file.read_text(encoding="utf-8").strip() == stamp:
        return 0  # another command did it while this one waited for the lock
    index = mirror()
    _say(f"making the Python environment .venv with uv, from {'the configured index' if index else 'PyPI'}")
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    if index is None:
        _uv([str(uv), *quiet, "sync", "--locked"])
    else:
        _from_mirror([str(uv), *quiet], index)
    file.write_text(stamp + "\n", encoding="utf-8")
    return 0


def _from_mirror(uv: list[str], index: str) -> None:
    """Install what uv.lock says from another index.

    uv.lock names the address of each file on PyPI, and `uv sync` with another index resolves anew. The exported list
    has versions and checksums only, so a mirror can serve it, and cannot serve anything else.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = str(Path(folder) / "requirements.txt")
        _uv([*uv, "export", "--frozen", "--no-emit-project", "--output-file", wanted])
        if not (ROOT / ".venv" / "bin" / "python").exists():
            _uv([*uv, "venv", str(ROOT / ".venv")])
        pip = [*uv, "pip"]
        where = ["--python", str(ROOT / ".venv" / "bin" / "python"), "--default-index", index]
        _uv([*pip, "sync", *where, "--require-hashes", wanted])
        _uv([*pip, "install", *where, "--no-deps", "--editable", str(ROOT)])


def mirror() -> str | None:
    """The index that the user configured for uv or pip, if any."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this Python's own pip
    return done.stdout.strip() or None


def _uv(command: list[str]) -> None:
    environment = {
        "UV_HTTP_TIMEOUT": "30",
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run(  # noqa: S603 - uv, found or installed here
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise WayFailedError(f"uv ended with exit code {done.returncode}; its message stands above")


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
        "Install it by hand (https://docs.astral.sh/uv/getting-started/installation/) and run the command again."
    )


def _with_venv(folder: Path) -> Path:
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([str(folder / "bin" / "python"), *_PIP_INSTALL])
    return folder / "bin" / "uv"


def _with_target(folder: Path) -> Path:
    _run([sys.executable, *_PIP_INSTALL, "--target", str(folder)])
    return folder / "bin" / "uv"


def _with_installer(folder: Path) -> Path:
    script = folder / "install.sh"
    fetch = f"import urllib.request as u; print(u.urlopen({_INSTALLER!r}, timeout={ANSWER_SECONDS}).read().decode())"
    # In a process of its own: a name lookup that hangs has no time limit of its own.
    script.write_text(_run([sys.executable, "-c", fetch], limit=3 * ANSWER_SECONDS), encoding="utf-8")
    _run(["sh", str(script)], UV_UNMANAGED_INSTALL=str(folder / "bin"))
    return folder / "bin" / "uv"


# pip asks its own configuration for the index, the proxy and certificates; only the waiting is limited here.
_PIP_INSTALL = ["-m", "pip", "install", "--quiet", "--timeout", str(ANSWER_SECONDS), "--retries", "1"]
_PIP_INSTALL += ["--only-binary=:all:", f"uv=={UV_VERSION}"]


def _run(command: list[str], limit: int = INSTALL_SECONDS, **environment: str) -> str:
    process = subprocess.Popen(  # noqa: S603 - the commands above
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise WayFailedError(f"it did not end in {limit} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 15)
            process.wait()
    if process.returncode != 0:
        lines = [line for line in output.splitlines() if line.strip()]
        raise WayFailedError(lines[-1] if lines else f"exit code {process.returncode}")
    return output


def _cached_uv(cache: Path) -> Path:
    return cache / f"uv-{UV_VERSION}" / "bin" / "uv"


def _cache_directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "ack-platform"


def _say(text: str) -> None:
    print(f"ackp: {text}", file=sys.stderr, flush=True)  # noqa: T201 - this script talks to people


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
