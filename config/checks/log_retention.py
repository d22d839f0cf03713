"""The removal of old logs."""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings

_DAY_MINUTES = 24 * 60


def check(settings: StackSettings) -> Iterator[Problem]:
    """A run that is still going when the next is due, and a job without anything to do."""
    retention = settings.log_retention
    if retention is None:
        return
    interval = shortest_interval_seconds(retention.schedule)
    if retention.deadline_seconds >= interval:
        rule = f"must be below the schedule's shortest interval, {interval} s: else runs are skipped"
        mend = f"deadlineSeconds: {interval - 60} at most, or a rarer schedule"
        yield Problem("logRetention.deadlineSeconds", rule, mend, retention.deadline_seconds)
    if settings.services and all(service.nas is None for service in settings.services.values()):
        rule = "must be left out where no service mounts the NAS: there is nothing to remove"
        yield Problem("logRetention", rule, "remove it, or nas: {} on a service")


def shortest_interval_seconds(schedule: str) -> int:
    """The shortest time between two runs on the same or the following day, from minute and hour of a cron schedule."""
    minutes, hours = schedule.split(" ")[:2]
    runs = sorted(60 * hour + minute for hour in _numbers(hours, 23) for minute in _numbers(minutes, 59))
    following = [*runs[1:], runs[0] + _DAY_MINUTES]
    return 60 * min(later - run for run, later in zip(runs, following, strict=True))


def _numbers(field: str, largest: int) -> set[int]:
    """The numbers that a field of a cron schedule stands for."""
    numbers: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            first, last = "0", str(largest)
        elif not last:
            last = str(largest) if step else first
        numbers.update(range(int(first), int(last) + 1, int(step or "1")))
    return numbers
