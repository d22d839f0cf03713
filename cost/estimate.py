"""The monthly estimate of a stack: what its objects ask for, times list prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from components.manifests.demand import pod_demand
from components.manifests.pod import WITH_EIP
from config import quantity
from cost.prices import Price, RegionPrices

Object = Mapping[str, Any]
HOURS = 730
"""In a month, on average."""
_ALB, _NAS = "ALB", "NAS"
_ASSUMED = {
    _ALB: "an ALB takes one LCU, the least",
    _NAS: "the NAS holds what the claim asks for",
}
_GIB = 2**30
_EDITIONS = {"Standard": "alb_standard_hour", "StandardWithWaf": "alb_waf_hour"}
_STORAGE = {
    "Capacity": "nas_capacity_gib_month",
    "Performance": "nas_performance_gib_month",
    "Premium": "nas_premium_gib_month",
}


@dataclass(frozen=True)
class Part:
    """An amount of one product."""

    product: str
    """The field of `RegionPrices`."""
    amount: Fraction
    """How much of it, in the product's unit without the time."""
    price: Price | None
    """Its price; None where the table has none."""

    @property
    def monthly(self) -> Fraction:
        """In the table's currency; 0 without a price."""
        if self.price is None:
            return Fraction(0)
        hours = HOURS if self.product.endswith("_hour") else 1
        return self.amount * hours * Fraction(str(self.price.amount))


@dataclass(frozen=True)
class Item:
    """Something that costs."""

    name: str
    """A service's name, ``ALB``, ``NAS``."""
    what: str
    """What is counted of it, in words."""
    parts: tuple[Part, ...]
    """The amounts."""

    @property
    def monthly(self) -> Fraction:
        """The sum of what has a price."""
        return sum((part.monthly for part in self.parts), Fraction(0))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The products without a price."""
        return tuple(part.product for part in self.parts if part.price is None and part.amount)


def estimate(objects: Iterable[Object], prices: RegionPrices) -> tuple[Item, ...]:
    """Everything of a stack that costs, services by name first, then what is shared.

    Args:
        objects: in wire format; of Alibaba Cloud the inputs of a ``LoadBalancer`` and a ``FileSystem``, with that kind.
        prices: of the stack's region.
    """
    found = list(objects)
    fewest = {
        each["spec"]["scaleTargetRef"]["name"]: int(each["spec"].get("minReplicas") or 1)
        for each in _of("HorizontalPodAutoscaler", found)
    }
    services = [_service(each, fewest, prices) for each in _of("Deployment", found)]
    return (*sorted(services, key=lambda item: item.name), *_shared(found, prices))


def assumptions(names: Iterable[str]) -> tuple[str, ...]:
    """What an estimate takes for granted.

    Args:
        names: of its items.
    """
    found = set(names)
    pods = "pods cost what they request; a service under an autoscaler runs its fewest pods; jobs are not counted"
    return (
        f"a month has {HOURS} hours; nothing is discounted, and traffic is not counted",
        *([pods] if found - _ASSUMED.keys() else []),
        *(text for name, text in _ASSUMED.items() if name in found),
    )


def _service(deployment: Object, fewest: Mapping[str, int], prices: RegionPrices) -> Item:
    name, spec = deployment["metadata"]["name"], deployment["spec"]
    stated = spec.get("replicas")
    pods = fewest.get(name, 1 if stated is None else int(stated))
    template = spec["template"]
    cpu, memory = (pods * pod_demand(template["spec"], "requests", what) for what in ("cpu", "memory"))
    parts = [_part("vcpu_hour", cpu, prices), _part("memory_gib_hour", memory / _GIB, prices)]
    words = [f"{_count(pods, 'pod')}: {float(cpu):g} vCPU, {float(memory / _GIB):.3g} GiB"]
    if ((template.get("metadata") or {}).get("annotations") or {}).get(WITH_EIP) == "true":
        parts.append(_part("eip_hour", Fraction(pods), prices))
        words.append(_count(pods, "EIP"))
    return Item(name, ", ".join(words), tuple(parts))


def _shared(objects: list[Object], prices: RegionPrices) -> Iterator[Item]:
    for each in _of("LoadBalancer", objects):
        edition = str(each.get("loadBalancerEdition", "Standard"))
        parts = [_part(_EDITIONS[edition], Fraction(1), prices), _part("alb_lcu_hour", Fraction(1), prices)]
        words = f"edition {edition}, 1 LCU"
        if each.get("addressType") == "Internet":  # it has an EIP in each zone
            zones = len(each.get("zoneMappings") or ())
            parts.append(_part("eip_hour", Fraction(zones), prices))
            words += f", {_count(zones, 'EIP')}"
        yield Item(_ALB, words, tuple(parts))
    stored = sum((_claimed(each) for each in _of("PersistentVolumeClaim", objects)), Fraction(0))
    for each in _of("FileSystem", objects):
        kind = str(each.get("storageType", "Capacity"))
        size = stored / _GIB
        yield Item(_NAS, f"type {kind}, {float(size):g} GiB", (_part(_STORAGE[kind], size, prices),))


def _claimed(claim: Object) -> Fraction:
    return quantity.parse(str(claim["spec"]["resources"]["requests"]["storage"]))


def _part(product: str, amount: Fraction, prices: RegionPrices) -> Part:
    return Part(product, amount, getattr(prices, product))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _of(kind: str, objects: Iterable[Object]) -> Iterator[Object]:
    return (each for each in objects if each.get("kind") == kind)
