"""What steps mean that no change of the shipped stack makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.manifests.objects import objects_of
from cost.prices import read_prices
from report.change import Impact
from report.markdown import markdown
from report.preview import Preview
from report.report import DOWNTIME, NOTHING_WORSE, PUBLIC, Report, report
from report.steps import Step
from sandbox.urn import Urn
from tests.settings import settings


def step(type_: str, name: str, op: str, old: Mapping[str, Any], new: Mapping[str, Any], *, owner: str = "") -> Step:
    parent = Urn(f"urn:pulumi:uat::ack-platform::ack-platform:index:SpringService::{owner}") if owner else None
    return Step(Urn(f"urn:pulumi:uat::ack-platform::{type_}::{name}"), op, parent, old=old, new=new)


def judged(*steps: Step) -> Report:
    return report(Preview("uat", steps), read_prices())


def test_pods_that_lose_their_eip_are_reached_no_longer_which_is_worse_than_their_restart() -> None:
    changes: dict[str, object] = {"services.admin.eip": {"bandwidth": 5}}
    old = objects_of(settings("test", changes), "admin")["deployment"]
    new = objects_of(settings("test"), "admin")["deployment"]
    found = judged(step("kubernetes:apps/v1:Deployment", "admin-deployment", "update", old, new, owner="admin"))
    [row] = found.services
    assert (row.impact, found.exit_code) == (Impact.DOWNTIME, DOWNTIME)
    assert [each.what for each in row.exposure if each.gone] == ["pods lose their EIP"]


@pytest.mark.parametrize(("address", "code"), [("Intranet", NOTHING_WORSE), ("Internet", PUBLIC)])
def test_a_host_is_public_on_an_alb_with_public_addresses_only(address: str, code: int) -> None:
    alb = {"addressType": address}
    ingress = objects_of(settings("uat"), "gateway")["ingress"]
    found = judged(
        step("alicloud:alb/loadBalancer:LoadBalancer", "alb-load-balancer", "same", alb, alb),
        step("kubernetes:networking.k8s.io/v1:Ingress", "gateway-ingress", "create", {}, ingress, owner="gateway"),
    )
    assert found.exit_code == code


def test_another_kubeconfig_is_told_and_nothing_of_it_is_shown() -> None:
    old, new = ({"clusterIdentifier": "c1", "kubeconfig": f"token: {word}"} for word in ("hush-before", "hush-after"))
    found = judged(step("pulumi:providers:kubernetes", "kubernetes", "update", old, new))
    text = markdown(found) + json.dumps(found.json)
    assert "kubeconfig" in text
    assert "hush" not in text
