"""Amounts and products for people."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

PRODUCTS = {
    "alb_standard_hour": "ALB Standard",
    "alb_waf_hour": "ALB StandardWithWaf",
    "alb_lcu_hour": "LCU",
    "vcpu_hour": "vCPU",
    "memory_gib_hour": "memory",
    "eip_hour": "EIP",
    "nas_capacity_gib_month": "NAS Capacity",
    "nas_performance_gib_month": "NAS Performance",
    "nas_premium_gib_month": "NAS Premium",
}
"""What people call the products of `RegionPrices`."""


def products(fields: Iterable[str]) -> str:
    """``EIP, LCU`` for fields of `RegionPrices`."""
    return ", ".join(PRODUCTS[each] for each in fields)


def money(amount: Fraction) -> str:
    """A sum without its currency: ``1,234``; ``0.37`` of less than one."""
    return f"{float(amount):,.0f}" if not 0 < abs(amount) < 1 else f"{float(amount):.2f}"
