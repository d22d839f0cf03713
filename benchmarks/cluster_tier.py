"""A real control plane: how soon it is there, what its tests take, whether a large stack takes more than its share."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.comparisons import Figure, Runs, seconds_of
from benchmarks.measure import Command, once
from benchmarks.stack import ROOT, copy_project, environment
from cluster.programs import find_programs
from sandbox.progress import Lines

_FEW, _MANY = 10, 100
_READY_SECONDS = 15
_TIER_SECONDS = 240
_TIER_MIB = 4096
_LINEAR = 1.0
TIER = ("pytest", "tests/cluster", "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
"""The tier as `make test` runs it, on two workers."""


def cluster(folder: Path, runs: Runs) -> Iterator[Figure]:
    """The tier as `make test` runs it, and the stack uat with 10 and with 100 services, each on a plane of its own."""
    find_programs(Lines())
    projects = {services: folder / str(services) for services in (_FEW, _MANY)}
    for services, project in projects.items():
        _copy(project, services)
    ready: list[float] = []
    applied: dict[int, list[float]] = {_FEW: [], _MANY: []}
    for _ in range(runs.longest):
        for services, project in projects.items():
            seen = _apply(project)
            ready.append(seen["ready"])
            applied[services].append(seen["applied"])
    most = median(ready)
    yield Figure("control plane, from start to ready", f"{most:.1f} s", f"{_READY_SECONDS} s", most < _READY_SECONDS)
    few, many = (median(applied[services]) for services in (_FEW, _MANY))
    yield Figure(f"cluster apply, {_FEW} services", f"{few:.1f} s, {few / _FEW:.2f} s each")
    yield Figure(f"cluster apply, {_MANY} services", f"{many:.1f} s, {many / _MANY:.2f} s each")
    share = (many / _MANY) / (few / _FEW)
    yield Figure("… each, times one of 10", f"{share:.2f}", f"{_LINEAR:g}", share <= _LINEAR)
    tests = Command(
        arguments=(sys.executable, "-m", *TIER),
        directory=ROOT,
        environment=environment(ROOT) | {"ACKP_SANDBOX": str(folder / "sandbox")},
        output=folder / "pytest.txt",
    )
    tier = once(tests)
    yield Figure("the cluster tier, two workers", seconds_of(tier), f"{_TIER_SECONDS} s", tier.seconds < _TIER_SECONDS)
    peak = tier.peak_mib
    yield Figure("… memory of all its processes", f"{peak:.0f} MiB", f"{_TIER_MIB} MiB", peak < _TIER_MIB)


def _copy(project: Path, services: int) -> None:
    """The applier and the imitated controllers of ACK are the tests'; they read what stands beside them."""
    copy_project(project, services)
    for package in ("cluster", "tests"):
        shutil.copytree(ROOT / package, project / package, ignore=shutil.ignore_patterns("__pycache__"))


def _apply(project: Path) -> dict[str, float]:
    arguments = (sys.executable, "-m", "benchmarks.cluster_apply", "figures.json")
    once(Command(arguments=arguments, directory=project, environment=environment(project)))
    figures: dict[str, float] = json.loads((project / "figures.json").read_text(encoding="utf-8"))
    return figures
