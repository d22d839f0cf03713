"""Build the Pulumi engine from its Go module.

`go.mod` and `go.sum` beside this file pin every module with its checksum, so a build needs a module proxy and nothing
else, and two builds are made of the same sources.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

from sandbox.engine import VERSION, WayFailedError
from sandbox.progress import Progress

DOWNLOAD_SECONDS = 60.0
"""How long the build may be silent before it compiles anything: then the module proxy does not answer."""

COMPILE_SECONDS = 600.0
"""How long one package or the linker may take; the linker is silent for half a minute on a good machine."""

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_LDFLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{VERSION}"
"""The version is set at link time. Without it the engine reports none, and the Automation API refuses it."""

_SOURCES = Path(__file__).parent
_TICK = 0.5


def build(program: Path, progress: Progress, *, silent_seconds: float = DOWNLOAD_SECONDS) -> None:
    """Build the engine; minutes on the first run, seconds when Go's own caches are warm.

    Args:
        program: The file to write.
        progress: Told every moment how long it has taken and what is being fetched or compiled.
        silent_seconds: How long the build may be silent while it fetches modules.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """
    go = shutil.which("go")
    if go is None:
        raise WayFailedError("no `go` on PATH")
    module = program.parent / "module"
    module.mkdir()
    for name in ("go.mod", "go.sum"):
        shutil.copy(_SOURCES / name, module / name)
    progress.line("Pulumi engine: building it from its Go module, about 4 minutes on 2 cores the first time")
    process = subprocess.Popen(  # noqa: S603 - `go` is the user's own
        [
            go,
            "build",
            "-v",
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags",
            _LDFLAGS,
            "-o",
            program,
            _PACKAGE,
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
        _watch(process, progress, silent_seconds)
    finally:
        _end(process)
        shutil.rmtree(module, ignore_errors=True)


def _watch(process: subprocess.Popen[str], progress: Progress, silent_seconds: float) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stderr, lines), daemon=True).start()
    tail: deque[str] = deque(maxlen=20)
    begin = heard = time.monotonic()
    packages, doing, limit = 0, "starting", silent_seconds
    while True:
        now = time.monotonic()
        progress.live(f"Pulumi engine: {now - begin:.0f} s, {packages} packages compiled, {doing}")
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
