"""The LimitRange against the containers that it applies to."""

from collections.abc import Iterator
from itertools import pairwise

from config import quantity
from config.checks.pods import Container, containers
from config.environment import OwnedLimitRange
from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Bounds in the wrong order, and containers that the LimitRange would refuse."""
    limit_range = settings.environment.limit_range
    if not isinstance(limit_range, OwnedLimitRange):
        return
    for resource in ("cpu", "memory"):
        yield from _order(limit_range, resource)
        for container in containers(settings):
            yield from _container(limit_range, container, resource)


def _order(limit_range: OwnedLimitRange, resource: str) -> Iterator[Problem]:
    """The bounds ascend: min, defaultRequest, default, max, of those that are stated."""
    stated = [
        (key, value)
        for key, amounts in (
            ("min", limit_range.min),
            ("defaultRequest", limit_range.default_request),
            ("default", limit_range.default),
            ("max", limit_range.max),
        )
        if (value := getattr(amounts, resource)) is not None
    ]
    for (smaller, low), (larger, high) in pairwise(stated):
        if quantity.parse(low) > quantity.parse(high):
            rule = f"must not be above {larger}.{resource}, which is {high}"
            mend = f"{smaller}.{resource}: {high} at most"
            yield Problem(f"environment.limitRange.{smaller}.{resource}", rule, mend, low)


def _container(limit_range: OwnedLimitRange, container: Container, resource: str) -> Iterator[Problem]:
    low, high = getattr(limit_range.min, resource), getattr(limit_range.max, resource)
    default = limit_range.default_limit(resource)
    request, limit = container.requests[resource], container.limits.get(resource)
    for kind, amount in (("requests", request), ("limits", limit)):
        if amount is None:
            continue
        if low is not None and quantity.parse(amount) < quantity.parse(low):
            rule = f"must not be below environment.limitRange.min.{resource}, which is {low}: no pod would be created"
            mend = f"{resource}: {low} at least, or a smaller min"
            yield Problem(container.path(kind, resource, "environment.limitRange.min"), rule, mend, amount)
        if high is not None and quantity.parse(amount) > quantity.parse(high):
            rule = f"must not be above environment.limitRange.max.{resource}, which is {high}: no pod would be created"
            mend = f"{resource}: {high} at most, or a larger max"
            yield Problem(container.path(kind, resource, "environment.limitRange.max"), rule, mend, amount)
    if limit is None and default is not None and quantity.parse(request) > quantity.parse(default):
        rule = f"must not be above the limit that the LimitRange fills in, {default}: no pod would be created"
        mend = f"requests.{resource}: {default} at most, or limits.{resource}: {request} at least"
        yield Problem(container.path("requests", resource, "environment.limitRange.default"), rule, mend, request)
