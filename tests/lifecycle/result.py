"""What a change cost the callers of a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from config.registration import ENDPOINT_REMOVAL_SECONDS, PUSH_SECONDS
from tests.lifecycle.cost import Cost

HEADINGS: Final = ("mode", "consumers' cache", "change", "times", "by", "requests", "failed", "longest stall", "took")


@dataclass(frozen=True)
class Result:
    """All occurrences of one change under one scenario, by one way of the requests.

    Attributes:
        mode: The registration mode.
        cache: How many seconds consumers may use a stale instance list.
        change: What was done to the service.
        times: How often.
        by: The way of the requests: `Nacos` or `ALB`.
        requests: How many were due from the change's beginning until it had settled.
        failures: How many of them failed.
        stall: The longest time without a good answer, in seconds.
        seconds: The median time from the change's beginning until the Deployment was complete.
        reasons: How often each reason of failing occurred.
    """

    mode: str
    cache: int
    change: str
    times: int
    by: str
    requests: int
    failures: int
    stall: float
    seconds: float
    reasons: Mapping[str, int]


class Second(NamedTuple):
    """The requests that were due in one second."""

    good: int
    failed: int


@dataclass(frozen=True)
class Measured:
    """What a scenario came to.

    Attributes:
        results: A row for each change and way.
        last_call: The longest time, in seconds, from the beginning of a pod's end to the last request that it
            answered, by way.
        served: The shortest time, in seconds, from the beginning of a pod's end until it was gone.
        drain: The preStop sleep that the manifest states, in seconds.
        min_ready: The manifest's minReadySeconds.
        first: The first change of all, second by second, by way.
    """

    results: list[Result]
    last_call: dict[str, float]
    served: float
    drain: int
    min_ready: int
    first: dict[str, list[Second]]


@dataclass(frozen=True)
class Bench:
    """What `make bench-rollout` measured.

    Attributes:
        scenarios: In the order in which they were measured.
        sidecar: What the sidecar cost at rest.
    """

    scenarios: list[Measured]
    sidecar: Cost


_FILE: Final = TypeAdapter(Bench)


def write(path: Path, scenarios: Sequence[Measured], sidecar: Cost) -> None:
    """Write what was measured, as JSON."""
    path.write_bytes(_FILE.dump_json(Bench(list(scenarios), sidecar)) + b"\n")


def read(path: Path) -> Bench:
    """Read what `write` wrote."""
    return _FILE.validate_json(path.read_bytes())


def predicted(cache: int) -> dict[str, int]:
    """How long after the beginning of a pod's end each way may still call it, in seconds, by the arithmetic.

    Args:
        cache: How many seconds consumers may use a stale instance list.
    """
    return {"Nacos": PUSH_SECONDS["2.x"] + cache, "ALB": ENDPOINT_REMOVAL_SECONDS}


def as_row(result: Result) -> tuple[str, ...]:
    """The cells under `HEADINGS`."""
    return (
        result.mode,
        f"{result.cache} s",
        result.change,
        str(result.times),
        result.by,
        f"{result.requests:,}",
        f"{result.failures:,}",
        f"{result.stall:.2f} s",
        f"{result.seconds:.0f} s",
    )
