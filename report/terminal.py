"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from report.change import Impact
from report.cost import CostChange
from report.details import details
from report.report import Report

_COLOURS = {Impact.RESTART: "yellow", Impact.DOWNTIME: "red", Impact.DATA_LOSS: "bold red"}


def terminal(report: Report) -> Iterator[RenderableType]:
    """The parts of the report: the headline, what is refused, a table, what stays as it is, warnings."""
    yield Text(report.headline, style="bold")
    yield from (Text(f"refused: {each}", style="red") for each in report.existing)
    if report.rows:
        table = Table(box=None, pad_edge=False)
        for heading in ("what", "what happens", "details"):
            table.add_column(heading, overflow="fold")
        for row in report.rows:
            colour = _COLOURS.get(row.impact, "magenta" if row.public else "")
            lines = Text("\n".join(details(row)))
            table.add_row(Text(row.name), Text(row.impact.words, style=colour), lines)
        yield table
    if report.cost and report.cost.items:
        yield _cost(report.cost)
        yield Text(f"estimated by {'; '.join(report.cost.assumptions)}", style="dim")
    yield from (Text(f"in force: {each}", style="yellow") for each in report.exemptions)
    if report.unchanged:
        yield Text(f"unchanged: {', '.join(report.unchanged)}", style="dim")
    yield from (Text(f"warning: {each}", style="yellow") for each in report.warnings)


def _cost(cost: CostChange) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("cost (estimate)", "a month", "counted"):
        table.add_column(heading, overflow="fold")
    for item in cost.items:
        table.add_row(Text(item.name), Text(cost.amount(item)), Text(item.counted))
    return table
