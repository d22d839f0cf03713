"""A sum and what it is made of, as the lines of a rule."""

from collections.abc import Mapping
from fractions import Fraction

_INDENT = " " * 13


def table(
    amounts: Mapping[str, int | Fraction],
    *,
    shown: Mapping[str, str] | None = None,
    total: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> str:
    """Each share, the largest first, one a line, and the sum; it starts with a line end.

    Args:
        amounts: how much of it is whose.
        shown: the amounts in their unit; left out: as numbers.
        total: the sum in its unit; left out: as a number.
        notes: what stands behind an amount.
    """
    rows = [
        f"{name:<24} {(shown or {}).get(name, str(amount)):>10}   {(notes or {}).get(name, '')}".rstrip()
        for name, amount in sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    ]
    rows.append(f"{'sum':<24} {total or str(sum(amounts.values())):>10}")
    return "".join(f"\n{_INDENT}{row}" for row in rows)
