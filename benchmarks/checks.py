"""Whether a stack fits and takes nothing of another one: what these checks cost, beside the render of the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time
from timeit import timeit

from benchmarks.comparisons import Figure, Runs
from benchmarks.stack import SECOND_STACK, STACK, add_stack, copy_project
from cli.manifest_text import manifest_texts
from config import StackSettings, load_stack
from config.checks import (
    eip,
    ingress,
    ingress_rules,
    limit_range,
    names,
    nas,
    neighbours,
    quota,
    registration,
    tls,
    volumes,
)

_FEW, _MANY = 100, 500
_LINEAR = 7
"""Five is linear, 25 the square; the rest is for a busy machine."""
_SHARE_PERCENT = 10
_OF_ONE = (eip, ingress, ingress_rules, limit_range, names, nas, quota, registration, tls, volumes)


def checks(folder: Path, runs: Runs) -> Iterator[Figure]:
    """The checks of two stacks on one cluster, each of 100 and of 500 services.

    They take milliseconds, so they are not timed as whole processes: it is the processor time of the work itself.
    """
    few, many = folder / "few", folder / "many"
    for project, services in ((few, _FEW), (many, _MANY)):
        copy_project(project, services)
        add_stack(project)
    small, large = ([_load(project, stack) for stack in (STACK, SECOND_STACK)] for project in (few, many))
    found = _in_turn(runs.short, lambda: check(*small), lambda: check(*large), lambda: _render(many))
    of_few, of_many, render = found
    yield Figure(f"checks of fit and collisions, {_FEW} services", f"CPU {of_few * 1000:.1f} ms")
    yield Figure(f"… {_MANY} services", f"CPU {of_many * 1000:.1f} ms")
    ratio, share = of_many / of_few, 100 * of_many / render
    yield Figure(f"… times {_FEW} services", f"{ratio:.2f}", f"{_LINEAR:g}", ratio <= _LINEAR)
    yield Figure(f"render, {_MANY} services, once Python has started", f"CPU {render:.2f} s")
    yield Figure("… share of the checks", f"{share:.1f} %", f"{_SHARE_PERCENT} %", share < _SHARE_PERCENT)


def check(settings: StackSettings, neighbour: StackSettings) -> None:
    """Apply to a stack all that its neighbour, its cluster and its account may refuse.

    Raises:
        ValueError: something is wrong: a refusal is not what is timed.
    """
    found = [problem for each in _OF_ONE for problem in each.check(settings)]
    found += [problem for _stack, problem in neighbours.check((settings, neighbour))]
    if found:
        raise ValueError(f"{len(found)} problems; the first: {found[0]}")


def _load(project: Path, stack: str) -> StackSettings:
    return load_stack(stack, project, secrets="generated", catalogue=project / "config" / "services.yaml")


def _render(project: Path) -> None:
    for _name, _text in manifest_texts(_load(project, STACK)):
        pass


def _in_turn(runs: int, *works: Callable[[], None]) -> list[float]:
    """The median seconds of each, after one round that is not counted; `timeit` collects no garbage meanwhile."""
    rounds = [[timeit(work, timer=process_time, number=1) for work in works] for _ in range(runs + 1)]
    return [median(seconds) for seconds in zip(*rounds[1:], strict=True)]
