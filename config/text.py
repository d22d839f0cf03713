"""A string with a rule, and the rules that no pattern can express."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from config import quantity


@dataclass(frozen=True)
class Text:
    """A string with a rule: a pattern, a longest length, and a check that no pattern can express.

    ``rule`` completes the sentence "must be …"; ``example`` is a value that passes.
    """

    rule: str
    example: str
    pattern: str = r"(?s:.+)"
    longest: int = 4096
    accepts: Callable[[str], bool] = lambda _value: True

    def __get_pydantic_core_schema__(self, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(schema)
        return {
            **described,
            "pattern": f"^(?:{self.pattern})$".replace("(?s:.+)", "[\\s\\S]+"),
            "maxLength": self.longest,
        }

    def allows(self, value: str) -> bool:
        """Whether the rule holds."""
        return len(value) <= self.longest and bool(re.fullmatch(self.pattern, value)) and self.accepts(value)

    def _check(self, value: str) -> str:
        if self.allows(value):
            return value
        raise PydanticCustomError(
            "text", "must be {rule}; for example {example}", {"rule": self.rule, "example": self.example}
        )


def is_cidr(value: str) -> bool:
    """Whether it is an IPv4 network without host bits."""
    try:
        ipaddress.IPv4Network(value, strict=True)
    except ValueError:
        return False
    return True


def is_day(value: str) -> bool:
    """Whether it is a day of the calendar, as ISO 8601 has it."""
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_moment(value: str) -> bool:
    """Whether it is a moment, as ISO 8601 has it."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_quantity(smallest: Fraction | int, largest: int, *, step: Fraction | int = 0) -> Callable[[str], bool]:
    """What tells whether a Kubernetes quantity is within bounds, and a multiple of a step."""

    def within(value: str) -> bool:
        try:
            parsed = quantity.parse(value)
        except ValueError:
            return False
        return smallest <= parsed <= largest and (not step or parsed % step == 0)

    return within


def is_time_zone(value: str) -> bool:
    """Whether the tz database has it."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 -- only stacks with a schedule pay for the zone database

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return False
    return True


_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


def is_cron(value: str) -> bool:
    """Whether each of its five fields is one that cron takes."""
    fields = value.split(" ")
    return len(fields) == len(_CRON_RANGES) and all(map(_is_cron_field, fields, _CRON_RANGES))


def _is_cron_field(field: str, allowed: tuple[int, int]) -> bool:
    for part in field.split(","):
        match = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
        if match is None:
            return False
        numbers = [int(number) for number in match.groups()[:2] if number is not None]
        if numbers != sorted(numbers) or any(not allowed[0] <= number <= allowed[1] for number in numbers):
            return False
    return True


def is_sub_path(value: str) -> bool:
    """Whether it is a path below another, without '.' and '..'."""
    return not value.startswith("/") and all(part not in ("", ".", "..") for part in value.split("/"))


def is_absolute(value: str) -> bool:
    """Whether it is a path from the root, without '.' and '..'."""
    return value.startswith("/") and is_sub_path(value[1:])
