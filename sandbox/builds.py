"""Programs built once for a machine into the tool cache: one build at a time, in sight, with limits on silence.

A build is put together beside its place and moved there in one step, so what stands in the cache is whole.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.engine import WayFailedError, one_at_a_time
from sandbox.network import CRAWL_BYTES, Standstill, given_up, stall_seconds, work_of
from sandbox.progress import Progress

_TICK = 0.5


@dataclass(frozen=True)
class Builder:
    """A build command, and how to read what it prints.

    Attributes:
        command: Its name in reports, for example `go build`.
        unit: What it counts while it works, for example `packages compiled`.
        fetching: A line that says what is fetched now, as its first group.
        compiling: A line that says what is compiled now, as its first group.
        error: A line that says what went wrong, as its first group.
        mirrors: The builder's own setting for another registry.
        hosts: Names the registries that it asks.
        compile_seconds: How long one compilation or the linker may be silent.
    """

    command: str
    unit: str
    fetching: re.Pattern[str]
    compiling: re.Pattern[str]
    error: re.Pattern[str]
    mirrors: str
    hosts: Callable[[], str]
    compile_seconds: float = 600.0


def built_once(name: str, place: Path, progress: Progress, build: Callable[[Path], None]) -> Path:
    """The folder `place` of the tool cache, made first if it is not there.

    Args:
        name: What people read in progress lines, and the name of the lock.
        place: The folder; its name tells everything that the build depends on.
        progress: Told when another command builds the same, and when it is ready.
        build: Fills an empty folder, which becomes `place`.

    Raises:
        WayFailedError: The build failed.
    """
    if place.exists():
        return place
    with one_at_a_time(name, progress):
        if place.exists():
            return place
        unfinished = place.with_name(f"{place.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            build(unfinished)
            unfinished.rename(place)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    progress.line(f"{name}: ready")
    return place


def run_build(
    name: str,
    builder: Builder,
    command: Sequence[str | Path],
    *,
    directory: Path,
    environment: Mapping[str, str],
    progress: Progress,
) -> None:
    """Run a build to its end.

    Args:
        name: What people read in progress lines.
        builder: How to read what the command prints.
        command: Program and arguments.
        directory: Its working directory.
        environment: What it gets beside the environment of this process.
        progress: Told every moment how long it has taken and what is being fetched or compiled.

    Raises:
        WayFailedError: It failed, stood still while it fetched, or compiled one thing for too long.
    """
    stall = stall_seconds()
    process = subprocess.Popen(  # noqa: S603 - the build tool is the user's own
        command,
        cwd=directory,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        _watch(name, builder, process, progress, stall)
    finally:
        _end(process)


def _watch(name: str, builder: Builder, process: subprocess.Popen[str], progress: Progress, stall: float) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    tail: deque[str] = deque(maxlen=20)
    begin = heard = time.monotonic()
    count, said, doing, fetching = 0, 0, "starting", True
    watch = Standstill(stall)
    while True:
        now = time.monotonic()
        progress.live(f"{name}: {now - begin:.0f} s, {count} {builder.unit}, {doing}")
        try:
            line = lines.get(timeout=_TICK)
        except queue.Empty:
            if fetching and watch.stands(said * CRAWL_BYTES + (work_of(process.pid, stall) or (0.0, 0))[0]):
                what = f"sent next to nothing in {stall:g} s to `{builder.command}` ({doing})"
                raise WayFailedError(given_up(builder.hosts(), what, builder.mirrors)) from None
            if not fetching and now - heard > builder.compile_seconds:
                limit = builder.compile_seconds
                raise WayFailedError(f"`{builder.command}` was silent for {limit:.0f} s ({doing})") from None
            continue
        if line is None:
            break
        heard, said = now, said + 1
        tail.append(line)
        if fetched := builder.fetching.match(line):
            doing, fetching = f"fetching {fetched[1]}", True
        elif compiled := builder.compiling.match(line):
            count, doing, fetching = count + 1, f"compiling {compiled[1]}", False
    if process.wait() != 0:
        errors = [match[1] for match in map(builder.error.match, tail) if match]
        reason = errors[0] if errors else f"exit code {process.returncode}"
        raise WayFailedError(f"`{builder.command}` failed: {reason}")


def _read(stream: IO[str] | None, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream or ():
        lines.put(line.rstrip())
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End the build and the compilers it started, which share its process group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
