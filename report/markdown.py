"""The report for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from report.cost import CostChange
from report.details import details
from report.report import Report, Row

_SPECIAL = re.compile(r"[\\`*{}\[\]<>|~]|(?<!\w)[_#]|_(?!\w)")


def markdown(report: Report) -> str:
    """The report as Markdown that GitHub, GitLab and Gitee show: the headline, a table each, what stays as it is."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"**{_escaped(report.headline)}**"
    if report.existing:
        yield from ("", *(f"- **refused**: {_escaped(each)}" for each in report.existing))
    for heading, rows in (("Service", report.services), ("Shared", report.shared)):
        if rows:
            yield from ("", *_table(heading, rows))
    if report.cost and report.cost.items:
        yield from ("", *_cost(report.cost))
    if report.exemptions:
        yield from ("", *(f"- in force: {_escaped(str(each))}" for each in report.exemptions))
    if report.unchanged:
        yield from ("", f"Unchanged: {', '.join(map(_escaped, report.unchanged))}")
    if report.warnings:
        yield from ("", *(f"- warning: {_escaped(each)}" for each in report.warnings))


def _table(heading: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {heading} | What happens | Details |"
    yield "|---|---|---|"
    for row in rows:
        lines = "<br>".join(_escaped(line) for line in details(row))
        yield f"| {_escaped(row.name)} | {row.impact.words} | {lines} |"


def _cost(cost: CostChange) -> Iterator[str]:
    yield "| Cost (estimate) | A month | Counted |"
    yield "|---|---|---|"
    for item in cost.items:
        yield f"| {_escaped(item.name)} | {_escaped(cost.amount(item))} | {_escaped(item.counted)} |"
    yield from ("", f"Estimated by {_escaped('; '.join(cost.assumptions))}.")


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, whatever a stack file has in it."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)
