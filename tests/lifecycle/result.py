"""What a change cost the callers of a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
