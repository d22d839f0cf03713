"""Whole processes, timed in turn: A B A B …, so that a machine that gets slower gets slower for all of them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.memory import MemorySampler


class UnexpectedEndError(Exception):
    """A command ended otherwise than it had to; the text names it and what it said last."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command to be timed.

    Attributes:
        arguments: The program and its arguments.
        directory: Its working directory.
        environment: Its whole environment.
        output: The file for its standard output; thrown away if left out.
        code: The exit code that it has to end with.
    """

    arguments: Sequence[str]
    directory: Path
    environment: Mapping[str, str]
    output: Path = Path(os.devnull)
    code: int = 0


@dataclass(frozen=True)
class Figures:
    """What some runs of one command took.

    Attributes:
        seconds: The median time from start to end.
        cpu_seconds: The median processor time, of all its processes; steadier than `seconds` on a busy machine.
        peak_mib: The largest memory, MiB, that its process or one that it waited for held at once.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float


def in_turn(runs: int, **commands: Command) -> dict[str, Figures]:
    """Run each command once without counting, then all of them in turn.

    Args:
        runs: How often each is counted.
        commands: The commands by name.

    Raises:
        UnexpectedEndError: One ended with another exit code.
    """
    seen: dict[str, list[Figures]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            figures = _run(command)
            if turn:
                seen[name].append(figures)
    return {
        name: Figures(
            seconds=median(each.seconds for each in found),
            cpu_seconds=median(each.cpu_seconds for each in found),
            peak_mib=max(each.peak_mib for each in found),
        )
        for name, found in seen.items()
        if found
    }


def once(command: Command) -> Figures:
    """Run a command once; its `peak_mib` is the sum over all its processes.

    Raises:
        UnexpectedEndError: It ended with another exit code.
    """
    return _run(command, of_all=True)


def _run(command: Command, *, of_all: bool = False) -> Figures:
    with command.output.open("wb") as output, ExitStack() as stack:
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - the commands of this package
            command.arguments,
            cwd=command.directory,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
        )
        sampler = stack.enter_context(MemorySampler(process.pid)) if of_all else None
        said = process.stderr.read() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != command.code:
        text = said.strip() or command.output.read_text(encoding="utf-8", errors="replace").strip()
        lines = text.splitlines() or ["it said nothing"]
        words = " ".join(command.arguments)
        raise UnexpectedEndError(f"`{words}` ended with {process.returncode} instead of {command.code}: {lines[-1]}")
    peak_mib = sampler.peak_mib if sampler else usage.ru_maxrss / 1024
    return Figures(seconds, usage.ru_utime + usage.ru_stime, peak_mib)
