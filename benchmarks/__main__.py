"""Measure, print each figure beside its limit, and end with exit code 1 if one is missed."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import comparisons
from benchmarks.checks import checks
from benchmarks.cluster_tier import cluster
from benchmarks.comparisons import Figure, Runs
from benchmarks.measure import UnexpectedEndError
from benchmarks.pod_memory import pod_memory
from benchmarks.start import start
from sandbox.engine import EngineUnavailableError, WayFailedError

_FULL = Runs(short=15, long=5, longest=3)
_QUICK = Runs(short=5, long=3, longest=1)
_PARTS: dict[str, Callable[[Path, Runs], Iterator[Figure]]] = {
    "start": start,
    "settings": comparisons.settings_error,
    "render": comparisons.render,
    "checks": checks,
    "preview": comparisons.preview,
    "report": comparisons.report,
    "commands": comparisons.commands,
    "pods": pod_memory,
    "cluster": cluster,
}


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs: minutes instead of half an hour")
    parser.add_argument("--only", choices=_PARTS, nargs="+", default=list(_PARTS), help="these parts")
    options = parser.parse_args()
    console, errors = Console(width=None if sys.stdout.isatty() else 120), Console(stderr=True, highlight=False)
    table = Table(title=f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; medians")
    for heading in ("what", "measured", "limit", ""):
        table.add_column(heading)
    missed: list[str] = []
    try:
        for part in options.only:
            errors.print(f"{part} …")
            with tempfile.TemporaryDirectory(prefix="ack-platform-bench-") as folder:
                for figure in _PARTS[part](Path(folder), _QUICK if options.quick else _FULL):
                    table.add_row(figure.what, figure.measured, figure.limit, figure.verdict)
                    if not figure.holds:
                        missed.append(f"{figure.what}: {figure.measured} where {figure.limit} is the limit")
    except (UnexpectedEndError, EngineUnavailableError, WayFailedError) as error:
        errors.print(f"[red]error:[/red] {error}")
        return 1
    console.print(table)
    for line in missed:
        errors.print(f"[red]missed:[/red] {line}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
