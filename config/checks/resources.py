"""Requests against limits of the application container."""

from collections.abc import Iterator

from config import quantity
from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every request above its limit: the API server refuses such a pod."""
    for name, service in settings.services.items():
        requests, limits = service.resources.requests, service.resources.limits
        pairs = (
            ("cpu", requests.cpu, limits.cpu),
            ("memory", requests.memory, limits.memory),
            ("ephemeralStorage", requests.ephemeral_storage, limits.ephemeral_storage),
        )
        for key, request, limit in pairs:
            if request is not None and limit is not None and quantity.parse(request) > quantity.parse(limit):
                rule = f"must not be above resources.limits.{key}, which is {limit}"
                mend = f"requests.{key}: {limit} at most, or limits.{key}: {request} at least"
                yield Problem(f"services.{name}.resources.requests.{key}", rule, mend, request)
