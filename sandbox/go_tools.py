"""Programs built from pinned Go modules, once for a machine, in the tool cache.

A module's `go.mod` and `go.sum` pin every source with its checksum, so a build needs a module proxy and nothing else,
and two builds are made of the same sources.
"""

from __future__ import annotations

import hashlib
import os
import platform
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.engine import WayFailedError, cache_directory, one_at_a_time
from sandbox.progress import Progress

DOWNLOAD_SECONDS = 60.0
"""How long a build may be silent before it compiles anything: then the module proxy does not answer."""

COMPILE_SECONDS = 600.0
"""How long one package or the linker may take; the linker is silent for half a minute on a good machine."""

_TICK = 0.5


@dataclass(frozen=True)
class GoTools:
    """Programs that are built from one Go module.

    Attributes:
        name: What people read in progress lines; the folder in the tool cache starts with it.
        module: The folder with `go.mod`, `go.sum` and perhaps sources of our own.
        packages: The packages to build; `.` is the module's own program.
        ldflags: Flags for the linker.
        first_time: How long the first build takes, for people.
    """

    name: str
    module: Path
    packages: tuple[str, ...]
    ldflags: str = "-s -w"
    first_time: str = "half a minute"

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files of the module that a build reads, sorted."""
        return (
            self.module / "go.mod",
            self.module / "go.sum",
            *sorted(self.module.glob("*.go")),
        )

    @property
    def place(self) -> Path:
        """The folder of the programs in the tool cache; another one for every other source, package and flag."""
        read = hashlib.sha256(repr((self.packages, self.ldflags)).encode())
        for source in self.sources:
            read.update(source.name.encode() + b"\0" + source.read_bytes())
        machine = f"{platform.system().lower()}-{platform.machine()}"
        return cache_directory() / f"{self.name}-{read.hexdigest()[:12]}-{machine}" / "bin"


def programs(tools: GoTools, progress: Progress) -> Path:
    """The folder with the programs, built first if the tool cache has none.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """
    place = tools.place
    if place.exists():
        return place
    with one_at_a_time(tools.name, progress):
        if place.exists():
            return place
        unfinished = place.parent.with_name(f"{place.parent.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "bin").mkdir(parents=True)
        try:
            build(tools, f"{unfinished / 'bin'}/", unfinished, progress)
            unfinished.rename(place.parent)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    progress.line(f"{tools.name}: ready")
    return place


def build(
    tools: GoTools, output: str, scratch: Path, progress: Progress, *, silent_seconds: float = DOWNLOAD_SECONDS
) -> None:
    """Build the programs; minutes on the first run, seconds when Go's own caches are warm.

    Args:
        tools: What to build.
        output: The file to write, or the folder with a `/` at its end.
        scratch: A folder for a copy of the module, which is removed.
        progress: Told every moment how long it has taken and what is being fetched or compiled.
        silent_seconds: How long the build may be silent while it fetches modules.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """
    go = shutil.which("go")
    if go is None:
        raise WayFailedError("no `go` on PATH")
    module = scratch / "module"
    module.mkdir()
    for source in tools.sources:
        shutil.copy(source, module / source.name)
    progress.line(f"{tools.name}: building it from its Go module, about {tools.first_time} on 2 cores the first time")
    process = subprocess.Popen(  # noqa: S603 - `go` is the user's own
        [
            go,
            "build",
            "-v",
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags",
            tools.ldflags,
            "-o",
            output,
            *tools.packages,
        ],
        cwd=module,
        env={**os.environ, "GOWORK": "off", "CGO_ENABLED": "0", "GOOS": "", "GOARCH": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _watch(tools.name, process, progress, silent_seconds)
    finally:
        _end(process)
        shutil.rmtree(module, ignore_errors=True)


def _watch(name: str, process: subprocess.Popen[str], progress: Progress, silent_seconds: float) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stderr, lines), daemon=True).start()
    tail: deque[str] = deque(maxlen=20)
    begin = heard = time.monotonic()
    packages, doing, limit = 0, "starting", silent_seconds
    while True:
        now = time.monotonic()
        progress.live(f"{name}: {now - begin:.0f} s, {packages} packages compiled, {doing}")
        try:
            line = lines.get(timeout=_TICK)
        except queue.Empty:
            if now - heard > limit:
                raise WayFailedError(f"`go build` was silent for {limit:.0f} s ({doing})") from None
            continue
        if line is None:
            break
        heard = now
        tail.append(line)
        if line.startswith("go: downloading "):
            doing, limit = "fetching " + line.removeprefix("go: downloading "), silent_seconds
        elif " " not in line and "/" in line:
            packages, doing, limit = packages + 1, f"compiling {line}", COMPILE_SECONDS
    if process.wait() != 0:
        errors = [line for line in tail if " " in line and not line.startswith(("go: downloading", "#"))]
        raise WayFailedError(f"`go build` failed: {errors[0] if errors else f'exit code {process.returncode}'}")


def _read(stream: IO[str] | None, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream or ():
        lines.put(line.rstrip())
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End the build and the compilers it started, which share its process group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
