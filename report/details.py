"""What is said of a row, line by line; every form of the report says the same."""

from __future__ import annotations

from report.change import VARIABLES
from report.report import Row


def details(row: Row) -> list[str]:
    """The lines of a row: why, the variables, what can be reached, how long it takes, and what changes besides."""
    lines = [each for each in row.why if each != VARIABLES]
    if row.variables:
        lines.append(f"{VARIABLES}: {', '.join(row.variables)}")
    lines += [f"PUBLIC: {each.what}" if each.public else each.what for each in row.exposure]
    if row.rollout:
        lines.append(f"rollout: {row.rollout}")
    return [*lines, *row.also]
