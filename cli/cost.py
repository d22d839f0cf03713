"""`ackp cost`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import typer

from cli.options import ROOT, AsJson, PriceFile, StackName

if TYPE_CHECKING:
    from cost.estimate import Item
    from cost.prices import Prices


def cost(stack: StackName, *, prices: PriceFile = None, json_: AsJson = False) -> None:
    """Estimate what a stack costs in a month: what its pods request, its EIPs, its own ALB and NAS.

    By the prices of cost/prices.yaml, each with its day and source, or by your own. What has no price is named and
    left out of the sum. Nothing is contacted.

    Example: ackp cost uat
    """
    from cli.console import readable_errors  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from config.errors import did_you_mean  # noqa: PLC0415 - help does not need it
    from cost.estimate import estimate  # noqa: PLC0415 - help does not need it
    from cost.prices import SHIPPED, read_prices  # noqa: PLC0415 - help does not need it
    from cost.stack import costing  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    with readable_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        table = read_prices(prices or SHIPPED)
        region = settings.cluster.region
        if region not in table.regions:
            known = ", ".join(sorted(table.regions))
            mend = did_you_mean(region, table.regions) or f"there are prices for {known}"
            raise SandboxError(f"There are no prices for {region}: {mend}; --prices FILE takes your own.")
        items = estimate(costing(settings), table.regions[region])
    if json_:
        typer.echo(json.dumps(_as_json(stack, region, table, items), indent=2, ensure_ascii=False))
    else:
        _show(stack, region, table, items)


def _show(stack: str, region: str, prices: Prices, items: Sequence[Item]) -> None:
    from rich.table import Table  # noqa: PLC0415 - only people look at a table
    from rich.text import Text  # noqa: PLC0415 - only people look at a table

    from cli.console import output  # noqa: PLC0415 - help does not need it
    from cost.estimate import assumptions  # noqa: PLC0415 - help does not need it
    from cost.words import money, products  # noqa: PLC0415 - help does not need it

    console, total = output(), sum((item.monthly for item in items), Fraction(0))
    console.print(Text(f"{stack}: ≈ {money(total)} {prices.currency} a month, an estimate", style="bold"))
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "counted"):
        table.add_column(heading)
    table.add_column(f"{prices.currency} a month", justify="right")
    for item in items:
        known = [money(item.monthly)] if item.monthly or not item.unpriced else []
        unknown = ["no price"] if item.unpriced else []
        table.add_row(Text(item.name), Text(item.what), Text(" + ".join(known + unknown)))
    console.print(table)
    missing = sorted({product for item in items for product in item.unpriced})
    if missing:
        console.print(Text(f"no price in {region}, left out of the sum: {products(missing)}", style="yellow"))
    for each in (f"prices of {region} as of {prices.as_of}", *assumptions(item.name for item in items)):
        console.print(Text(f"- {each}", style="dim"))


def _as_json(stack: str, region: str, prices: Prices, items: Sequence[Item]) -> dict[str, Any]:
    return {
        "stack": stack,
        "region": region,
        "currency": prices.currency,
        "asOf": prices.as_of,
        "estimate": True,
        "monthly": round(float(sum(item.monthly for item in items)), 2),
        "items": [
            {
                "name": item.name,
                "monthly": round(float(item.monthly), 2),
                "parts": [
                    {
                        "product": part.product,
                        "amount": float(part.amount),
                        "price": None if part.price is None else part.price.amount,
                        "source": None if part.price is None else part.price.source,
                        "monthly": None if part.price is None else round(float(part.monthly), 2),
                    }
                    for part in item.parts
                ],
            }
            for item in items
        ],
    }
