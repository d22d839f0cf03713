"""What no single field can know: rules across the settings of a stack.

Each module yields a problem for every rule that is broken; nothing here raises.
"""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings


def problems_of(settings: StackSettings) -> Iterator[Problem]:
    """Everything that is wrong across the settings of a stack."""
    yield from ()
