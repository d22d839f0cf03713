"""The table of prices: by region, each with its source; of the package, or of a file of one's own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from config import SettingsError
from config.files import parse_path, read_yaml
from config.model import Model
from config.pydantic_problems import convert
from config.scalars import Day

SHIPPED = Path(__file__).with_name("prices.yaml")
"""The table of the package."""


class Price(Model):
    """What one unit costs."""

    amount: Annotated[float, Field(ge=0)]
    """In the table's currency."""
    source: str
    """Where it stands: a link, or a contract's name."""


class RegionPrices(Model):
    """The prices of a region; a product without one is left out of the sum."""

    alb_standard_hour: Price | None = None
    """An ALB of edition Standard, an hour."""
    alb_waf_hour: Price | None = None
    """An ALB of edition StandardWithWaf, an hour."""
    alb_lcu_hour: Price | None = None
    """One LCU of an ALB, an hour."""
    vcpu_hour: Price | None = None
    """A vCPU that pods ask for, an hour."""
    memory_gib_hour: Price | None = None
    """A GiB of memory that pods ask for, an hour."""
    eip_hour: Price | None = None
    """An EIP, an hour, without traffic."""
    nas_capacity_gib_month: Price | None = None
    """A GiB on a NAS of type Capacity, a month."""
    nas_performance_gib_month: Price | None = None
    """A GiB on a NAS of type Performance, a month."""
    nas_premium_gib_month: Price | None = None
    """A GiB on a NAS of type Premium, a month."""


class Prices(Model):
    """All prices."""

    as_of: Day
    """The day of the prices, in quotes: ``"2026-11-26"``."""
    currency: Literal["CNY", "USD"]
    """Of every amount."""
    regions: dict[str, RegionPrices]
    """By region, ``cn-hangzhou``."""


def read_prices(file: Path = SHIPPED) -> Prices:
    """The prices of a file.

    Raises:
        SettingsError: it is no such table; everything that is wrong, at once.
    """
    read = read_yaml(file)
    problems = list(read.problems)
    if not problems:
        try:
            return Prices.model_validate_json(json.dumps(read.values))
        except ValidationError as error:
            problems = convert(error, Prices, read.values, ())
    placed = (replace(each, file=read.name, line=read.line(parse_path(each.path))) for each in problems)
    raise SettingsError(read.name, placed)
