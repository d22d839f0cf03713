"""What a stack costs: what its objects ask for, times prices that are stated, and never a guess."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from config import SettingsError
from cost.estimate import HOURS, Item, assumptions, estimate
from cost.prices import SHIPPED, Prices, RegionPrices, read_prices
from cost.stack import costing
from tests.config.changes import load_changed


def region(**amounts: float) -> RegionPrices:
    return RegionPrices.model_validate(
        {key: {"amount": value, "source": "a contract"} for key, value in amounts.items()}
    )


def deployment(replicas: int | None = 2, annotations: dict[str, str] | None = None, **pod: Any) -> dict[str, Any]:
    container = {"resources": {"requests": {"cpu": "500m"}, "limits": {"memory": "1Gi", "cpu": "2"}}}
    template = {"metadata": {"annotations": annotations or {}}, "spec": {"containers": [container], **pod}}
    stated: dict[str, Any] = {"template": template} | ({} if replicas is None else {"replicas": replicas})
    return {"kind": "Deployment", "metadata": {"name": "web"}, "spec": stated}


def only(*objects: dict[str, Any], prices: RegionPrices) -> Item:
    (item,) = estimate(objects, prices)
    return item


def test_pods_cost_what_they_request_and_a_limit_without_a_request_is_one() -> None:
    item = only(deployment(), prices=region(vcpuHour=0.2, memoryGibHour=0.03))
    assert item.monthly == HOURS * (Fraction(1) * Fraction("0.2") + 2 * Fraction("0.03"))
    assert item.what == "2 pods: 1 vCPU, 2 GiB"


def test_sidecars_count_and_containers_that_end_before_the_start_do_not() -> None:
    asked = {"resources": {"requests": {"cpu": "1"}}}
    item = only(
        deployment(1, initContainers=[asked, {**asked, "restartPolicy": "Always"}]), prices=region(vcpuHour=1.0)
    )
    assert item.monthly == HOURS * Fraction(3, 2)


def test_an_autoscaled_service_costs_its_fewest_pods() -> None:
    scaler = {"kind": "HorizontalPodAutoscaler", "spec": {"scaleTargetRef": {"name": "web"}, "minReplicas": 3}}
    assert only(deployment(None), scaler, prices=region(vcpuHour=1.0)).monthly == HOURS * Fraction(3, 2)


def test_a_service_that_states_no_replicas_has_one_pod() -> None:
    scaled_by_hand = deployment(None)
    scaled_by_hand["spec"]["replicas"] = None
    for each in (deployment(None), scaled_by_hand):
        assert only(each, prices=region(vcpuHour=1.0)).what == "1 pod: 0.5 vCPU, 1 GiB"


def test_each_pod_of_a_service_with_an_eip_has_one() -> None:
    item = only(deployment(annotations={"k8s.aliyun.com/pod-with-eip": "true"}), prices=region(eipHour=0.5))
    assert item.monthly == HOURS
    assert item.unpriced == ("vcpu_hour", "memory_gib_hour")
    assert item.what == "2 pods: 1 vCPU, 2 GiB, 2 EIPs"


def test_an_own_alb_and_nas_are_counted_and_given_ones_are_not() -> None:
    prices = region(albStandardHour=0.1, albLcuHour=0.2, nasCapacityGibMonth=0.3)
    own = {item.name: item for item in estimate(costing(load_changed({}, "test")), prices)}
    assert own["ALB"].monthly == HOURS * (Fraction("0.1") + Fraction("0.2"))
    assert own["NAS"].monthly == own["NAS"].parts[0].amount * Fraction("0.3") > 0
    given = {item.name for item in estimate(costing(load_changed({}, "uat")), prices)}
    assert given.isdisjoint({"ALB", "NAS"})


def test_an_alb_with_public_addresses_has_an_eip_in_each_zone() -> None:
    prices = region(eipHour=0.5)
    public = load_changed({}, "test")
    items = {item.name: item for item in estimate(costing(public), prices)}
    assert items["ALB"].what == "edition Standard, 1 LCU, 2 EIPs"
    assert items["ALB"].monthly == HOURS
    inside = load_changed({"alb.addressType": "Intranet"}, "test")
    items = {item.name: item for item in estimate(costing(inside), prices)}
    assert items["ALB"].what == "edition Standard, 1 LCU"
    assert items["ALB"].monthly == 0


def test_only_what_concerns_an_estimate_is_assumed() -> None:
    def first_words(*names: str) -> list[str]:
        return [" ".join(text.split()[:2]) for text in assumptions(names)]

    assert first_words("ALB", "web", "NAS") == ["a month", "pods cost", "an ALB", "the NAS"]
    assert first_words("NAS") == ["a month", "the NAS"]
    assert first_words("web", "other") == ["a month", "pods cost"]


def test_more_replicas_cost_more_by_their_share_and_the_rest_stays() -> None:
    prices = read_prices().regions["cn-hangzhou"]
    before = {item.name: item.monthly for item in estimate(costing(load_changed({}, "uat")), prices)}
    changed = load_changed({"services.file.replicas": 3}, "uat")
    after = {item.name: item.monthly for item in estimate(costing(changed), prices)}
    assert after.pop("file") == before.pop("file") * 3 / 2
    assert after == before


def test_every_shipped_price_has_a_public_source_and_a_day() -> None:
    prices = read_prices()
    assert prices.as_of == "2026-11-26"
    for stated in prices.regions.values():
        sources = [each.source for _, each in stated if each is not None]
        assert sources
        assert all(each.startswith("https://") for each in sources)


BAD = """\
asOf: yesterday
currency: EUR
regions:
  cn-hangzhou:
    vcpuHour: {amount: -1, source: a}
    memoryGib: {amount: 1, source: a}
    eipHour: {amount: cheap}
"""


def test_a_table_that_is_none_is_refused_with_everything_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        read_prices(file)
    found = {each.path: (each.line, each.rule) for each in refused.value.problems}
    assert found.keys() == {
        "asOf",
        "currency",
        "regions.cn-hangzhou.vcpuHour.amount",
        "regions.cn-hangzhou.memoryGib",
        "regions.cn-hangzhou.eipHour.amount",
        "regions.cn-hangzhou.eipHour.source",
    }
    assert found["regions.cn-hangzhou.vcpuHour.amount"] == (5, "must be 0.0 or more")
    assert all(each.file == "ours.yaml" for each in refused.value.problems)


def test_the_shipped_table_is_a_file_like_ones_own() -> None:
    assert isinstance(read_prices(SHIPPED), Prices)
