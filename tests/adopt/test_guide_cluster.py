"""The guide's cluster is what it claims to be."""

from __future__ import annotations

import pytest

from tests.adopt import clicks
from tests.adopt.clicks import ADD_ON, APPLY, CI, CONSOLE, EDIT, ROLLOUT
from tests.adopt.deployments import LAST_APPLIED, REDEPLOYED, RESTARTED
from tests.adopt.guide import ENVIRONMENTS, SERVICES, guide_objects
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Object, name_of
from tests.cluster.controllers.controller import met

REVISION = "deployment.kubernetes.io/revision"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_pod_of_the_seven_services_is_ready_and_the_claim_is_bound_to_its_volume(
    guide: GuideCluster, environment: str
) -> None:
    pods = guide.pods(environment)
    assert {each["metadata"]["labels"]["app"] for each in pods} == set(SERVICES)
    assert len(pods) == 2 * len(SERVICES) + 1
    assert all(met(each, "Ready") for each in pods)
    (claim,) = guide.api.objects("v1", "PersistentVolumeClaim", environment)
    assert (claim["status"]["phase"], claim["spec"]["volumeName"]) == ("Bound", f"{environment}-nas")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_object_is_as_it_was_stated(guide: GuideCluster, environment: str) -> None:
    for stated in guide_objects(environment):
        live = found(guide, stated)
        if name_of(stated)[0] == "exam" and stated["kind"] == "Deployment":
            stated["spec"]["replicas"] = 3  # the autoscaler's least
        assert within(stated, live) == [], name_of(stated)


def test_every_object_belongs_to_foreign_managers_and_none_was_applied_on_the_server(guide: GuideCluster) -> None:
    seen = set()
    for environment in ENVIRONMENTS:
        for stated in guide_objects(environment):
            live = found(guide, stated)
            assert {each["operation"] for each in live["metadata"]["managedFields"]} == {"Update"}, name_of(stated)
            assert managers(live) & clicks.FOREIGN, name_of(stated)
            seen |= managers(live)
    assert clicks.FOREIGN - {ADD_ON} < seen


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("Deployment", "gateway", {CONSOLE, EDIT, CI, "kube-controller-manager"}),
        ("Deployment", "file", {APPLY, EDIT, CI, "kube-controller-manager"}),
        ("Deployment", "admin", {CONSOLE, EDIT, CI, ROLLOUT, "kube-controller-manager"}),
        ("Service", "gateway", {CONSOLE}),
    ],
)
def test_the_fields_of_one_object_have_several_owners(
    guide: GuideCluster, kind: str, name: str, expected: set[str]
) -> None:
    (stated,) = (each for each in guide_objects("uat") if (each["kind"], each["metadata"]["name"]) == (kind, name))
    assert managers(found(guide, stated)) == expected


def test_the_autoscaler_owns_the_number_of_pods_of_its_service(guide: GuideCluster) -> None:
    live = guide.api.read("apps/v1", "Deployment", "exam", "uat")
    assert live is not None
    scaled = [each for each in live["metadata"]["managedFields"] if each.get("subresource") == "scale"]
    assert [each["manager"] for each in scaled] == ["kube-controller-manager"]
    assert scaled[0]["fieldsV1"] == {"f:spec": {"f:replicas": {}}}


def test_deployments_carry_the_annotations_of_the_console_of_kubectl_and_of_the_controller(guide: GuideCluster) -> None:
    live = {each["metadata"]["name"]: each for each in guide.api.objects("apps/v1", "Deployment", "test")}
    assert all(int(each["metadata"]["annotations"][REVISION]) > 1 for each in live.values())
    templates = {name: each["spec"]["template"]["metadata"]["annotations"] for name, each in live.items()}
    assert all(REDEPLOYED in each for each in templates.values())
    assert [name for name, each in templates.items() if RESTARTED in each] == ["admin"]
    assert [name for name, each in live.items() if LAST_APPLIED in each["metadata"]["annotations"]] == ["file"]
    pods = [each for each in guide.pods("test") if "k8s.aliyun.com/allocated-eipAddress" in noted(each)]
    assert [each["metadata"]["labels"]["app"] for each in pods] == ["oauth2", "oauth2"]


def test_both_environments_share_one_alb_with_the_guides_listeners(guide: GuideCluster) -> None:
    (alb_config,) = guide.api.objects("alibabacloud.com/v1", "AlbConfig")
    assert [each["port"] for each in alb_config["spec"]["listeners"]] == [80, 443, 8000, 9102]
    assert {ADD_ON, CONSOLE} <= managers(alb_config)
    address = alb_config["status"]["loadBalancer"]["dnsname"]
    for environment in ENVIRONMENTS:
        ingresses = guide.api.objects("networking.k8s.io/v1", "Ingress", environment)
        assert {each["metadata"]["name"] for each in ingresses} == {"admin", "gateway", "gateway-canary"}
        for each in ingresses:
            assert each["spec"]["ingressClassName"] == "alb"
            assert each["status"]["loadBalancer"]["ingress"] == [{"hostname": address}]


def found(guide: GuideCluster, stated: Object) -> Object:
    live = guide.api.live(stated)
    assert live is not None, stated["metadata"]
    return live


def managers(live: Object) -> set[str]:
    return {each["manager"] for each in live["metadata"]["managedFields"]}


def noted(live: Object) -> Object:
    return dict(live["metadata"].get("annotations") or {})


def within(stated: object, live: object, path: str = "") -> list[str]:
    """Where what was stated is not what is live; the live one may have more keys, and a list has as many elements."""
    if isinstance(stated, dict) and isinstance(live, dict):
        return [line for key, value in stated.items() for line in within(value, live.get(key), f"{path}.{key}")]
    if isinstance(stated, list) and isinstance(live, list) and len(stated) == len(live):
        pairs = enumerate(zip(stated, live, strict=True))
        return [line for number, (left, right) in pairs for line in within(left, right, f"{path}[{number}]")]
    return [] if stated == live or (stated == {} and live is None) else [f"{path}: {stated} is {live}"]
