"""What a month of a stack costs more or less after a preview: an estimate, of the objects before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cost.estimate import Item, Part, assumptions, estimate
from cost.prices import Prices, RegionPrices
from cost.words import money, products
from report.steps import Step

_SYMBOLS = {"CNY": "¥", "USD": "$"}


@dataclass(frozen=True)
class ItemChange:
    """Something that costs otherwise than before."""

    name: str
    """A service's name, ``ALB``, ``NAS``."""
    before: Item | None
    """What it was; None for what is new."""
    after: Item | None
    """What it will be; None for what goes."""

    @property
    def monthly(self) -> Fraction:
        """How much more a month of it costs, by what has a price."""
        before, after = (each.monthly if each else Fraction(0) for each in (self.before, self.after))
        return after - before

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The products whose amount changes and that have no price."""
        before, after = _parts(self.before), _parts(self.after)
        differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        sides = (side[name] for name in differing for side in (before, after) if name in side)
        return tuple(sorted({part.product for part in sides if part.price is None}))

    @property
    def counted(self) -> str:
        """``2 pods: 1 vCPU, 2 GiB → 3 pods: 1.5 vCPU, 3 GiB``."""
        return " → ".join(dict.fromkeys(each.what if each else "nothing" for each in (self.before, self.after)))


@dataclass(frozen=True)
class CostChange:
    """How much more or less a month costs."""

    region: str
    """Whose prices they are."""
    has_prices: bool
    """Whether the table has that region."""
    as_of: str
    """The day of the prices."""
    currency: str
    """``CNY``, ``USD``."""
    items: tuple[ItemChange, ...]
    """What costs otherwise than before; empty if nothing does."""

    @property
    def monthly(self) -> Fraction | None:
        """The difference; None where the price of something that changes is not known."""
        return None if self.unpriced else sum((each.monthly for each in self.items), Fraction(0))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The products that change and have no price."""
        return tuple(sorted({product for each in self.items for product in each.unpriced}))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the estimate takes for granted."""
        return (f"prices of {self.region} as of {self.as_of}", *assumptions(each.name for each in self.items))

    def amount(self, item: ItemChange) -> str:
        """``+¥66``, ``+¥66, no price for EIP``."""
        known = [self._signed(item.monthly)] if item.monthly or not item.unpriced else []
        unknown = [f"no price for {products(item.unpriced)}"] if item.unpriced else []
        return ", ".join(known + unknown)

    def __str__(self) -> str:
        """``≈ +¥38/month``."""
        if not self.has_prices and self.items:
            return f"cost: no prices for {self.region}"
        if self.monthly is None:
            return f"cost: no price for {products(self.unpriced)}"
        return f"≈ {self._signed(self.monthly)}/month" if self.monthly else "no change in cost"

    def _signed(self, amount: Fraction) -> str:
        return f"{'−' if amount < 0 else '+'}{_SYMBOLS[self.currency]}{money(abs(amount))}"  # noqa: RUF001 - a minus

    @property
    def json(self) -> dict[str, Any]:
        """For machines: amounts in the currency, each a month's."""
        return {
            "label": "estimate",
            "region": self.region,
            "currency": self.currency,
            "asOf": self.as_of,
            "monthly": None if self.monthly is None else _rounded(self.monthly),
            "noPrice": list(self.unpriced),
            "items": [
                {
                    "name": each.name,
                    "counted": each.counted,
                    "monthly": None if each.unpriced else _rounded(each.monthly),
                    "noPrice": list(each.unpriced),
                }
                for each in self.items
            ],
            "assumptions": list(self.assumptions),
        }


def cost_change(steps: Sequence[Step], prices: Prices) -> CostChange | None:
    """Compare what the objects before and after some steps cost.

    Args:
        steps: all of a stack, with those that stay.
        prices: the table.

    Returns:
        None where no step tells the region.
    """
    providers = [step for step in steps if step.is_provider and step.kind == "alicloud"]
    before = next((step.old["region"] for step in providers if "region" in step.old), None)
    after = next((step.new["region"] for step in providers if "region" in step.new), before)
    if after is None:
        return None
    counted = [step for step in steps if not step.op.startswith("read")]  # what is only read costs its owner
    old = _items(((step.kind, step.old) for step in counted), prices.regions.get(before or after))
    new = _items(((step.kind, step.new) for step in counted), prices.regions.get(after))
    changes = (ItemChange(name, old.get(name), new.get(name)) for name in {**old, **new})
    return CostChange(
        region=after,
        has_prices=after in prices.regions,
        as_of=prices.as_of,
        currency=prices.currency,
        items=tuple(
            sorted((each for each in changes if _parts(each.before) != _parts(each.after)), key=lambda each: each.name)
        ),
    )


def _items(objects: Iterable[tuple[str, Mapping[str, Any]]], prices: RegionPrices | None) -> dict[str, Item]:
    stated = ({**inputs, "kind": kind} for kind, inputs in objects if inputs)
    return {item.name: item for item in estimate(stated, prices or RegionPrices())}


def _parts(item: Item | None) -> dict[str, Part]:
    return {part.product: part for part in item.parts if part.amount} if item else {}


def _rounded(amount: Fraction) -> float:
    return round(float(amount), 2)
