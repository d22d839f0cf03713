"""Lengths of time as people type them."""

from __future__ import annotations

import re

import typer

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> int:
    """The seconds of `30s`, `10m`, `2h`, `1d` or `1h30m`."""
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise typer.BadParameter(f"{text} is no duration; write 30s, 10m, 2h, 1d or 1h30m")
    return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))
