"""Waivers: each is of a service that is there, and said once."""

from collections.abc import Iterator

from config.errors import Problem, did_you_mean
from config.log_retention import JOB_NAME
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """A waiver of no service of this stack, or one thing twice."""
    known = {*settings.services, *([JOB_NAME] if settings.log_retention else [])}
    seen = set()
    for index, waiver in enumerate(settings.waivers):
        path = f"waivers[{index}]"
        if waiver.service is not None and waiver.service not in known:
            mend = did_you_mean(waiver.service, known)
            yield Problem(f"{path}.service", "must be a service of this stack", mend, waiver.service)
        elif (waiver.rule, waiver.service) in seen:
            yield Problem(f"{path}.rule", "must not be waived twice", "take one of the entries out", waiver.rule)
        seen.add((waiver.rule, waiver.service))
