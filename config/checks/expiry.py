"""What holds until a day: after it, it is refused, so that no exception is forgotten in a file."""

from collections.abc import Iterator
from datetime import date, timedelta

from config.errors import Problem
from config.protection import AllowedReplacement
from config.stack import StackSettings
from config.waiver import Waiver

LONGEST = timedelta(days=366)
"""An exception that holds longer is a setting."""


def check(settings: StackSettings, today: date) -> Iterator[Problem]:
    """Every entry whose day has passed, or is too far away.

    Args:
        settings: a stack's settings.
        today: the day on which it is asked; an entry still holds on its last day.
    """
    dated: list[tuple[str, AllowedReplacement | Waiver]] = []
    for key, name in (("allowReplace", "allow_replace"), ("waivers", "waivers")):
        if name in settings.model_fields_set:
            dated += [(f"{key}[{index}].until", entry) for index, entry in enumerate(getattr(settings, name))]
    for path, entry in dated:
        last = date.fromisoformat(entry.until)
        if last < today:
            rule = f"must not have passed: today is {today}"
            yield Problem(path, rule, "take the entry out, or, if it must hold on, state a later day", entry.until)
        elif last - today > LONGEST:
            yield Problem(path, "must be within a year", f'for example "{today + timedelta(days=14)}"', entry.until)
