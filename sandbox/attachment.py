"""The cloud process: started for one command, told to end when the command ends."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.process import bare_environment, start

_END_SECONDS = 20


@contextmanager
def running_cloud(place: Place, root: Path, *, seed: Path, faults: Path | None = None) -> Iterator[Callable[[], str]]:
    """Run the cloud of a sandbox.

    Args:
        place: The sandbox, whose contents file it keeps.
        root: The project; the package `sandbox` is found there.
        seed: What exists in an empty cloud.
        faults: Faults on request.

    Yields:
        A function that waits until the cloud listens, and returns the value of `PULUMI_DEBUG_PROVIDERS` that attaches
        the engine to it. Until it is called, other things can be made ready.

    Raises:
        SandboxError: It does not start; the text is the reason it gave.
    """
    command = [sys.executable, "-m", "sandbox.cloud", "--contents", place.contents, "--seed", seed]
    command += ["--parent-pid", str(os.getpid())]
    if faults is not None:
        command += ["--faults", faults]
    with place.cloud_log.open("w", encoding="utf-8") as log:
        process = start(
            [str(part) for part in command],
            place.lock("cloud"),
            environment=bare_environment(),
            directory=root,
            stdin=subprocess.PIPE,
            stderr=log,
        )
    try:
        yield lambda: _attach(process, place)
    finally:
        _end(process)


def _attach(process: subprocess.Popen[str], place: Place) -> str:
    line = process.stdout.readline() if process.stdout else ""
    try:
        ports: dict[str, int] = json.loads(line)
        return ",".join(f"{provider}:{port}" for provider, port in sorted(ports.items()))
    except (ValueError, AttributeError):
        process.wait(_END_SECONDS)
        said = place.cloud_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise SandboxError(f"The sandbox's cloud did not start: {said[-1] if said else 'it gave no reason'}") from None


def _end(process: subprocess.Popen[str]) -> None:
    """Ask it to write its contents and end: it ends when its standard input does."""
    with contextlib.suppress(BrokenPipeError):
        if process.stdin:
            process.stdin.close()
    for request in (None, process.terminate, process.kill):
        if request:
            request()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
            break
    if process.stdout:
        process.stdout.close()
