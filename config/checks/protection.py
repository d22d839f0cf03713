"""What is allowed once, by name: it names something that is there, once."""

from collections.abc import Iterator

from config.errors import Problem, did_you_mean
from config.protection import protected_resources
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """An allowed replacement of nothing, or of one thing twice."""
    protected = protected_resources(settings)
    seen = set()
    for index, entry in enumerate(settings.allow_replace):
        path = f"allowReplace[{index}].resource"
        if entry.resource not in protected:
            mend = f"{did_you_mean(entry.resource, protected)} If it is gone from the stack, take the entry out"
            yield Problem(path, "must name a protected resource of this stack", mend, entry.resource)
        elif entry.resource in seen:
            yield Problem(path, "must not be named twice", "take one of the entries out", entry.resource)
        seen.add(entry.resource)
