"""How many requests each change to a service loses: `make bench-rollout`, or `python -m tests.lifecycle.measure`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from cluster.node.node import Node, real_node
from config.registration import ENDPOINT_REMOVAL_SECONDS
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.lifecycle.changes import CHANGES, calm
from tests.lifecycle.cost import Cost, sidecar_at_rest
from tests.lifecycle.endpoints import ServerGroup
from tests.lifecycle.load import Answer, Load, summary
from tests.lifecycle.result import HEADINGS, Measured, Result, Second, as_row, predicted, write
from tests.lifecycle.scene import CONSUMER, PROVIDER, Scenario, Scene, scene, service_images
from tests.program.stacks import secret, shipped

WAYS = ("Nacos", "ALB")
_RATE = 30.0
"""Requests a second, each way."""
_FULL = {"rollout": 10, "scale up and down": 2, "pod deleted": 3, "pod evicted": 3, "process killed": 2}
_BESIDE = {"rollout": 3, "scale up and down": 1, "pod deleted": 1, "pod evicted": 1, "process killed": 1}
_SLOW = {"rollout": 4, "scale up and down": 1, "pod deleted": 2, "pod evicted": 2, "process killed": 1}
SCENARIOS: Mapping[Scenario, Mapping[str, int]] = {
    Scenario("sidecar", 5): _FULL,
    Scenario("none", 5): _BESIDE,
    Scenario("hooks", 5): _BESIDE,
    Scenario("sidecar", 35): _SLOW,
    Scenario("none", 35): _BESIDE,
    Scenario("hooks", 35): _BESIDE,
}
"""What is measured, and how often each change is made."""
REST_SECONDS = 300.0
"""For how long a sidecar that has nothing to do is looked at."""


def measure(found: Scene, scenario: Scenario, times: Mapping[str, int], rate: float = _RATE) -> Measured:
    """Make each change so many times under load, both ways, and count.

    Args:
        found: The scene, up.
        scenario: What it is.
        times: How often each change is made, by its name.
        rate: Requests a second, each way.
    """
    group = ServerGroup(found.api, found.namespace, f"{PROVIDER}", late=ENDPOINT_REMOVAL_SECONDS)
    consumer = found.backend(CONSUMER)
    begin = time.monotonic()
    spans: list[tuple[str, float, float, float]] = []
    with ExitStack() as stack:
        stack.enter_context(found.watching_ends())
        stack.enter_context(group.running())
        loads = {"Nacos": Load(lambda: consumer, "/hello", rate), "ALB": Load(group.choose, "/hello", rate)}
        for load in loads.values():
            stack.enter_context(load.running())
        calm(found)
        for change, count in times.items():
            for _ in range(count):
                start = time.monotonic() - begin
                CHANGES[change](found)
                done = time.monotonic() - begin
                calm(found)
                spans.append((change, start, done, time.monotonic() - begin))
        time.sleep(1)
    answers = {way: load.answers() for way, load in loads.items()}
    return Measured(
        results=list(_results(scenario, times, spans, answers)),
        last_call={way: _last_call(found, answers[way], begin) for way in WAYS},
        served=min((found.ended[name] - since for name, since in found.ends.items() if name in found.ended), default=0),
        drain=found.cycle.drain,
        min_ready=found.cycle.min_ready,
        first={way: _by_second(answers[way], spans[0]) for way in WAYS},
    )


def _by_second(answers: list[Answer], span: tuple[str, float, float, float]) -> list[Second]:
    """What became of the requests of each second of a change."""
    _, start, _, end = span
    counted = [Second(0, 0) for _ in range(int(end - start) + 1)]
    for each in answers:
        if start <= each.due < end:
            second = counted[int(each.due - start)]
            counted[int(each.due - start)] = Second(
                second.good + (not each.failure), second.failed + bool(each.failure)
            )
    return counted


def _results(
    scenario: Scenario,
    times: Mapping[str, int],
    spans: list[tuple[str, float, float, float]],
    answers: Mapping[str, list[Answer]],
) -> Iterator[Result]:
    for change, count in times.items():
        mine = [each for each in spans if each[0] == change]
        for way in WAYS:
            each_time = [
                summary([each for each in answers[way] if start <= each.due < end]) for _, start, _, end in mine
            ]
            yield Result(
                mode=scenario.mode,
                cache=scenario.cache,
                change=change,
                times=count,
                by=way,
                requests=sum(each.requests for each in each_time),
                failures=sum(each.failures for each in each_time),
                stall=max(each.stall for each in each_time),
                seconds=median(done - start for _, start, done, _ in mine),
                reasons=sum((Counter(each.reasons) for each in each_time), Counter[str]()),
            )


def _last_call(found: Scene, answers: list[Answer], begin: float) -> float:
    last: dict[str, float] = {}
    for each in answers:
        if not each.failure:
            last[each.said] = max(last.get(each.said, 0.0), begin + each.due)
    return max((last[name] - since for name, since in found.ends.items() if name in last), default=0.0)


def main() -> int:
    """Measure every scenario and print the table; 1 if the sidecar lost a request."""
    parser = argparse.ArgumentParser(prog="python -m tests.lifecycle.measure", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each change once")
    parser.add_argument("--out", type=Path, help="write what was measured to this file, for `tests.lifecycle.report`")
    options = parser.parse_args()
    console, progress = Console(width=None if sys.stdout.isatty() else 140), Lines()
    measured: list[Measured] = []
    cost: Cost | None = None
    with tempfile.TemporaryDirectory(prefix="ack-platform-rollouts-") as place, stack_node(progress) as node:
        images = service_images(progress)
        for scenario, times in SCENARIOS.items():
            progress.line(f"{scenario.mode}, consumers' cache {scenario.cache} s")
            folder = Path(place) / f"{scenario.mode}-{scenario.cache}"
            with scene(node, Api(node.kubeconfig), scenario, images, folder) as found:
                measured.append(measure(found, scenario, dict.fromkeys(times, 1) if options.quick else times))
                for line in said(measured[-1], scenario):
                    progress.line(f"  {line}")
                if cost is None:
                    cost = sidecar_at_rest(node, found.pods()[0], 30 if options.quick else REST_SECONDS)
                    progress.line(f"  the sidecar at rest: {cost}")
            progress.line(f"  load of this machine {os.getloadavg()[0]:.1f}")
            if options.out:
                write(options.out, measured, cost)  # after each: an hour's work is not lost with the last scenario
    results = [row for each in measured for row in each.results]
    table = Table(*HEADINGS)
    for each in results:
        table.add_row(*as_row(each))
    console.print(table)
    lost = sum(each.failures for each in results if each.mode == "sidecar" and each.change != "process killed")
    console.print(f"sidecar: {lost} lost")
    return int(lost > 0)


def said(measured: Measured, scenario: Scenario) -> Iterator[str]:
    """The computed seconds beside the measured ones, and why requests failed."""
    for way, limit in predicted(scenario.cache).items():
        yield f"last call by {way} {measured.last_call[way]:.1f} s after a pod's end began; computed {limit} s"
    yield f"a pod that ended was there for {measured.served:.0f} s at least; drain {measured.drain} s"
    for each in measured.results:
        if each.failures:
            yield f"{each.change}, {each.by}: {each.failures} of {each.requests} failed: {each.reasons}"


@contextmanager
def stack_node(progress: Lines) -> Iterator[Node]:
    """A node whose registry knows the login of the shipped stack."""
    username = shipped("test").registry.username or ""
    with real_node(progress, username=username, password=secret("registryPassword")) as node:
        yield node


if __name__ == "__main__":
    sys.exit(main())
