"""Find the Pulumi engine, or get it: on PATH, in the tool cache, as the official release, built from its Go module."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.network import WITHOUT_NETWORK
from sandbox.network import WayFailedError as WayFailedError
from sandbox.progress import Progress

VERSION = "3.259.0"
"""The engine that is downloaded or built when the machine has none; `go.mod` beside this file pins the same."""

OLDEST = (3, 256, 0)
"""The oldest `pulumi` on PATH that is taken: `destroy --ignore-protect` came with it."""

_NUMBERS = re.compile(r"^v?(\d+)\.(\d+)\.(\d+)")
_VERSION_SECONDS = 20


@dataclass(frozen=True)
class Engine:
    """A `pulumi` program that can be started.

    Attributes:
        path: The program file.
        version: Its version, three numbers.
        origin: How it was found, for people: `PATH`, `tool cache`, `official release`, `Go module`.
    """

    path: Path
    version: tuple[int, int, int]
    origin: str


class EngineUnavailableError(Exception):
    """No engine on this machine and no way to get one; the text names each way and why it failed."""


def cache_directory() -> Path:
    """The folder for everything that is fetched or built once for a user, `$XDG_CACHE_HOME/ack-platform`.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "ack-platform"


def cached_path() -> Path:
    """Where the engine of `VERSION` is kept in the tool cache."""
    return cache_directory() / f"pulumi-v{VERSION}-{platform.system().lower()}-{platform.machine()}" / "bin" / "pulumi"


def inspect(path: Path, origin: str) -> Engine:
    """Start `pulumi version` and read the answer.

    Raises:
        WayFailedError: It does not start, does not answer, or is older than `OLDEST`.
    """
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(  # noqa: S603 - the path is the engine that was asked for
            [path, "version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise WayFailedError(f"{path} did not answer `pulumi version` in {_VERSION_SECONDS} s") from None
    except OSError as error:
        raise WayFailedError(f"{path} does not start: {error.strerror}") from None
    match = _NUMBERS.match(done.stdout.strip())
    if done.returncode != 0 or match is None:
        raise WayFailedError(f"{path} did not answer `pulumi version` with a version")
    version = (int(match[1]), int(match[2]), int(match[3]))
    if version < OLDEST:
        raise WayFailedError(f"{path} is {_dotted(version)}, older than {_dotted(OLDEST)}")
    return Engine(path=path, version=version, origin=origin)


def installed_engine() -> Engine | None:
    """The engine that is there already, on PATH or in the tool cache; nothing is fetched."""
    for way in (_on_path, _in_cache):
        try:
            return way()
        except WayFailedError:
            continue
    return None


def find_engine(progress: Progress) -> Engine:
    """The engine, got in whatever way works first: PATH, tool cache, official release, Go module.

    Args:
        progress: Told about each way that is passed over, and about downloads and builds.

    Raises:
        EngineUnavailableError: Every way failed.
    """
    closed: list[str] = []
    engine = _first((("pulumi on PATH", _on_path), ("tool cache", _in_cache)), closed, lambda _: None)
    if engine:
        return engine
    progress.line(f"Pulumi engine: none installed; getting version {VERSION}, once for this machine")
    from sandbox.engine.gomodule import build  # noqa: PLC0415 - needed on the first run only
    from sandbox.engine.release import download  # noqa: PLC0415 - needed on the first run only

    try:
        with one_at_a_time("Pulumi engine", progress):
            engine = _first(
                (
                    ("tool cache", _in_cache),
                    ("official release", lambda: _got(download, "official release", progress)),
                    ("Go module", lambda: _got(build, "Go module", progress)),
                ),
                closed,
                progress.line,
            )
    except OSError as error:
        raise EngineUnavailableError(
            f"The tool cache {error.filename or cache_directory()} cannot be used: {error.strerror}. "
            "Make it writable, or set XDG_CACHE_HOME to a folder that is."
        ) from None
    if engine is None:
        raise EngineUnavailableError(_nothing(closed))
    progress.line(f"Pulumi engine: {_dotted(engine.version)} ready ({engine.origin})")
    return engine


def _first(
    ways: tuple[tuple[str, Callable[[], Engine]], ...], closed: list[str], say: Callable[[str], None]
) -> Engine | None:
    for name, way in ways:
        try:
            return way()
        except WayFailedError as reason:
            if f"{name}: {reason}" not in closed:
                closed.append(f"{name}: {reason}")
                if name != "tool cache":
                    say(f"Pulumi engine: {name} passed over: {reason}")
    return None


def _on_path() -> Engine:
    found = shutil.which("pulumi")
    if found is None:
        raise WayFailedError("no program of this name")
    return inspect(Path(found), "PATH")


def _in_cache() -> Engine:
    if not cached_path().exists():
        raise WayFailedError(f"nothing at {cached_path()}")
    return inspect(cached_path(), "tool cache")


def _got(get: Callable[[Path, Progress], None], origin: str, progress: Progress) -> Engine:
    """Get the engine into a folder beside its place in the cache, try it, and move it there in one step."""
    place = cached_path()
    unfinished = place.parent.parent.with_name(place.parent.parent.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "bin").mkdir(parents=True)
    try:
        get(unfinished / "bin" / "pulumi", progress)
        inspect(unfinished / "bin" / "pulumi", origin)
        shutil.rmtree(place.parent.parent, ignore_errors=True)
        unfinished.rename(place.parent.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return inspect(place, origin)


@contextmanager
def one_at_a_time(tool: str, progress: Progress) -> Iterator[None]:
    """Hold a tool's machine-wide lock, so that two commands do not get the same one twice."""
    cache_directory().mkdir(parents=True, exist_ok=True)
    with (cache_directory() / f"{tool.lower().replace(' ', '-')}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.line(f"{tool}: another command is getting it; waiting for that one")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _nothing(closed: list[str]) -> str:
    tried = "\n".join(f"  - {reason}" for reason in closed)
    return (
        f"There is no Pulumi engine on this machine, and none could be had:\n{tried}\n"
        "Any one of these helps, then run the command again:\n"
        f"  - install Pulumi {_dotted(OLDEST)} or newer: https://www.pulumi.com/docs/install/\n"
        "  - let this machine reach https://get.pulumi.com and https://github.com (HTTPS_PROXY is honoured)\n"
        "  - install Go (https://go.dev/doc/install) and let it reach a module proxy (GOPROXY is honoured)\n"
        f"  - {WITHOUT_NETWORK}"
    )


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))
