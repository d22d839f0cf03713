"""What a preview costs more or less: the difference of two estimates, and no number where a price is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from config import StackSettings, load_stack
from cost.estimate import estimate
from cost.prices import Prices, RegionPrices
from cost.stack import costing
from cost.words import PRODUCTS
from report.cost import CostChange, cost_change
from report.preview import read_preview
from report.report import report
from report.steps import Step
from sandbox.place import Place
from sandbox.run import Sandbox
from sandbox.urn import Urn
from tests.report.cases import Silent
from tests.settings import ROOT, settings

ALL = {f"{each.alias}": {"amount": 0.1, "source": "a contract"} for each in RegionPrices.model_fields.values()}
HERE, ELSEWHERE = "cn-hangzhou", "cn-beijing"


def table(currency: str = "CNY", **regions: Mapping[str, Any]) -> Prices:
    stated = {region.replace("_", "-"): prices for region, prices in regions.items()}
    return Prices.model_validate({"asOf": "2026-01-31", "currency": currency, "regions": stated})


FULL = table(cn_hangzhou=ALL)


def step(type_: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], op: str = "same") -> Step:
    return Step(Urn(f"urn:pulumi:test::ack-platform::{type_}::{name}"), op, old=old, new=new)


def steps(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]], region: str = HERE) -> list[Step]:
    sides = [{f"{each['kind']} {number}": each for number, each in enumerate(side)} for side in (old, new)]
    found = [
        step(f"kubernetes:any:{name.partition(' ')[0]}", name, sides[0].get(name, {}), sides[1].get(name, {}))
        for name in {**sides[0], **sides[1]}
    ]
    provider = {"region": region}
    return [step("pulumi:providers:alicloud", "alicloud", provider, provider), *found]


def pods(count: int, **annotations: str) -> dict[str, Any]:
    container = {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [container]}}
    return {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": count, "template": template}}


WITH_EIP = {"k8s.aliyun.com/pod-with-eip": "true"}


def change(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]], prices: Prices = FULL) -> CostChange:
    found = cost_change(steps(old, new), prices)
    assert found is not None
    return found


def total(stack: StackSettings) -> Any:
    return sum(item.monthly for item in estimate(costing(stack), FULL.regions[HERE]))


@pytest.mark.parametrize(
    "changes",
    [
        {"services.gateway.replicas": 5},
        {"services.gateway.resources": {"requests": {"cpu": "500m"}}},
        {"nas.volume.capacity": "300Gi", "services.file.replicas": 0},
        {"alb.addressType": "Intranet", "alb.edition": "StandardWithWaf"},
    ],
)
def test_the_difference_is_that_of_the_estimates_before_and_after(changes: dict[str, object]) -> None:
    old, new = settings("test"), settings("test", changes=changes)
    found = change(costing(old), costing(new))
    assert found.monthly == total(new) - total(old) != 0
    assert found.unpriced == ()


def test_nothing_that_costs_changes_and_nothing_is_said() -> None:
    found = change([pods(2)], [pods(2)], table())
    assert found.items == ()
    assert found.monthly == 0


def test_the_difference_has_its_sign_and_its_currency() -> None:
    prices = {"vcpuHour": ALL["vcpuHour"], "memoryGibHour": {"amount": 0, "source": "a contract"}}
    assert str(change([pods(1)], [pods(2)], table(cn_hangzhou=prices))) == "≈ +¥73/month"
    assert str(change([pods(40)], [pods(2)], table("USD", cn_hangzhou=prices))) == "≈ −$2,774/month"  # noqa: RUF001 - a minus
    prices["vcpuHour"] = {"amount": 0.001, "source": "a contract"}
    assert str(change([pods(1)], [pods(2)], table(cn_hangzhou=prices))) == "≈ +¥0.73/month"


def test_what_costs_as_much_as_before_together_is_no_change_in_cost() -> None:
    other = pods(2) | {"metadata": {"name": "other"}}
    found = change([pods(1), other], [pods(2), {**other, "spec": {**other["spec"], "replicas": 1}}])
    assert [each.name for each in found.items] == ["other", "web"]
    assert str(found) == "no change in cost"


def test_a_product_without_a_price_that_changes_is_named_and_no_sum_is_said() -> None:
    prices = table(cn_hangzhou={key: value for key, value in ALL.items() if key != "eipHour"})
    found = change([pods(1)], [pods(2, **WITH_EIP)], prices)
    assert str(found) == "cost: no price for EIP"
    assert found.monthly is found.json["monthly"] is None
    assert found.amount(found.items[0]) == "+¥146, no price for EIP"
    assert found.json["items"][0]["noPrice"] == ["eip_hour"]


def test_a_product_without_a_price_that_stays_is_in_nobodys_way() -> None:
    prices = table(cn_hangzhou={key: value for key, value in ALL.items() if key != "eipHour"})
    web = pods(2, **WITH_EIP)
    web["spec"]["template"]["spec"] = {"containers": [{"resources": {"requests": {"cpu": "2", "memory": "1Gi"}}}]}
    assert str(change([pods(2, **WITH_EIP)], [web], prices)) == "≈ +¥146/month"


def test_a_region_without_prices_is_said_only_where_something_changes() -> None:
    found = [cost_change(steps([pods(1)], [pods(count)], ELSEWHERE), FULL) for count in (1, 2)]
    assert [each.items and str(each) for each in found if each] == [(), "cost: no prices for cn-beijing"]


def test_another_region_has_other_prices() -> None:
    here, there = {"region": HERE}, {"region": ELSEWHERE}
    moved = [step("pulumi:providers:alicloud", "alicloud", here, there), *steps([pods(1)], [pods(1)])[1:]]
    twice = {key: {**value, "amount": 0.2} for key, value in ALL.items()}
    found = cost_change(moved, table(cn_hangzhou=ALL, cn_beijing=twice))
    assert found is not None
    assert (str(found), found.region) == ("≈ +¥146/month", ELSEWHERE)


def test_what_is_only_read_costs_its_owner() -> None:
    claim = {"kind": "PersistentVolumeClaim", "spec": {"resources": {"requests": {"storage": "100Gi"}}}}
    system = {"kind": "FileSystem"}
    read = step("kubernetes:core/v1:PersistentVolumeClaim", "given", {}, claim, "read")
    found = cost_change([*steps([], [system]), read], FULL)
    assert found is not None
    assert found.items == ()


def test_a_preview_that_tells_no_region_has_no_cost() -> None:
    assert cost_change(steps([pods(1)], [pods(2)])[1:], FULL) is None


def test_a_new_stack_costs_what_the_whole_is_estimated_at(tmp_path: Path) -> None:
    text = Sandbox(ROOT, "test", place=Place(tmp_path), progress=Silent()).preview_json()
    found = report(read_preview(text, "the engine", "test"), FULL)
    assert found.cost is not None
    assert found.cost.monthly == total(load_stack("test", ROOT, secrets="generated"))
    assert {"ALB", "NAS", "gateway"} < {each.name for each in found.cost.items}
    assert found.headline.endswith(f"{found.cost}")
    assert "quota 0 % → " in found.headline


def test_every_product_has_a_word_for_people() -> None:
    assert [each for each in RegionPrices.model_fields if each not in PRODUCTS] == []
