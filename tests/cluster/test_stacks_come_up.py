"""Both shipped stacks, together on one real Kubernetes, in the order that the program gives."""

from __future__ import annotations

import dataclasses
import json
import time

import pytest

from tests.cluster.api import name_of
from tests.cluster.applier import Applier, RunError
from tests.cluster.platform import Platform, plan
from tests.cluster.program import Step
from tests.cluster.waits import FIXED, awaited

STACKS = ("test", "uat")


def test_every_object_of_both_stacks_is_accepted_and_there(platform: Platform) -> None:
    kinds = {each.stated["kind"] for stack in STACKS for each in plan(stack).values()}
    for kind in kinds:
        assert len(platform.live(kind)) == len(platform.stated(kind)), kind
    assert kinds >= {"AlbConfig", "Deployment", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "CronJob"}


def test_every_deployment_is_available_with_every_pod_ready(platform: Platform) -> None:
    deployments = platform.live("Deployment")
    assert len(deployments) == 14
    for each in deployments:
        status = each["status"]
        assert status["availableReplicas"] == status["readyReplicas"] == each["spec"]["replicas"], name_of(each)
        assert "unavailableReplicas" not in status


def test_pods_of_a_service_with_two_replicas_run_in_two_zones(platform: Platform) -> None:
    zones = {
        each["metadata"]["name"]: each["metadata"]["labels"]["topology.kubernetes.io/zone"]
        for each in platform.api.objects("v1", "Node")
    }
    for deployment in platform.live("Deployment"):
        if deployment["spec"]["replicas"] >= 2:
            labels = deployment["spec"]["selector"]["matchLabels"]
            pods = platform.api.objects("v1", "Pod", deployment["metadata"]["namespace"], labels)
            assert len({zones[pod["spec"]["nodeName"]] for pod in pods}) == 2, name_of(deployment)


def test_every_claim_is_bound_to_the_volume_that_the_program_states(platform: Platform) -> None:
    claims = platform.live("PersistentVolumeClaim")
    assert {name_of(each) for each in claims} == {("test-nas", "test"), ("uat-nas", "uat")}
    for each in claims:
        assert (each["status"]["phase"], each["spec"]["volumeName"]) == ("Bound", each["metadata"]["name"])
    for each in platform.live("PersistentVolume"):
        assert each["status"]["phase"] == "Bound"
        assert each["spec"]["claimRef"]["uid"] in {claim["metadata"]["uid"] for claim in claims}


def test_every_ingress_has_the_host_name_of_its_own_alb(platform: Platform) -> None:
    albs = {each["metadata"]["name"]: each["status"]["loadBalancer"] for each in platform.live("AlbConfig")}
    ingresses = platform.live("Ingress")
    assert len(ingresses) == 2
    for each in ingresses:
        alb = albs[each["spec"]["ingressClassName"]]
        assert each["status"]["loadBalancer"]["ingress"] == [{"hostname": alb["dnsname"]}]
        assert {listener["portAndProtocol"] for listener in alb["listeners"]} == {"80/HTTP", "443/HTTPS", "8000/HTTPS"}


def test_disruption_budgets_are_in_force_and_allow_one_pod_to_go(platform: Platform) -> None:
    budgets = platform.live("PodDisruptionBudget")
    assert len(budgets) >= 8
    for each in budgets:
        status = each["status"]
        assert status["observedGeneration"] == each["metadata"]["generation"]
        assert (status["currentHealthy"], status["disruptionsAllowed"]) == (status["expectedPods"], 1), name_of(each)


def test_the_autoscaler_finds_its_deployment_and_can_scale(platform: Platform) -> None:
    deadline = time.monotonic() + 30
    while True:
        (autoscaler,) = platform.live("HorizontalPodAutoscaler")
        status = autoscaler.get("status") or {}
        conditions = {each["type"]: each["status"] for each in status.get("conditions") or ()}
        if conditions.get("AbleToScale") == "True" and status["currentReplicas"] == 2:
            break
        assert time.monotonic() < deadline, status
        time.sleep(0.2)


def test_the_service_that_sends_messages_has_an_address_of_its_own_in_each_pod(platform: Platform) -> None:
    eips = {name_of(each) for each in platform.api.objects("alibabacloud.com/v1beta1", "PodEIP")}
    pods = [
        pod
        for pod in platform.api.objects("v1", "Pod", labels={"app.kubernetes.io/name": "oauth2"})
        if "deletionTimestamp" not in pod["metadata"]
    ]
    assert len(pods) == 3
    for pod in pods:
        assert name_of(pod) in eips
        assert pod["metadata"]["annotations"]["k8s.aliyun.com/allocated-eipAddress"].startswith("203.0.113.")


def test_pods_have_only_what_the_namespace_s_pod_security_allows(platform: Platform) -> None:
    for namespace in platform.live("Namespace"):
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
        warnings = platform.api.warnings(namespace["metadata"]["name"])
        assert not [text for text in warnings if "PodSecurity" in text or "exceeded quota" in text]


def test_the_order_is_the_program_s_own_and_the_ingress_waits_for_no_pod() -> None:
    for stack in STACKS:
        steps = plan(stack)
        before_ingress = _all_before(steps, "gateway-ingress")
        assert {"gateway-service", "alb-ingress-class", "alb-alb-config", "environment-namespace"} <= before_ingress
        assert "gateway-deployment" not in before_ingress
        assert {"nas-volume-claim", "nas-volume-volume", "environment-pull-secret"} <= _all_before(
            steps, "gateway-deployment"
        )


@pytest.mark.parametrize("stack", STACKS)
def test_every_wait_has_a_bound_that_fits_what_is_waited_for(stack: str) -> None:
    """Those of volume, claim and quota are the provider's; without one a wait takes ten minutes, whatever is wrong."""
    bounds = {
        name: (step.stated["kind"], step.stated["metadata"]["annotations"].get("pulumi.com/timeoutSeconds"))
        for name, step in plan(stack).items()
        if awaited(step.stated) and step.stated["kind"] not in FIXED
    }
    assert {kind for kind, _ in bounds.values()} == {"AlbConfig", "Deployment", "Ingress"}
    for kind, seconds in bounds.values():
        assert seconds == "300" or (kind == "Deployment" and 600 <= int(seconds) <= 3600)


def test_an_object_that_exists_already_is_refused_on_the_first_run(platform: Platform) -> None:
    with pytest.raises(RunError, match=r'said   ingressclasses\.networking\.k8s\.io "test-alb" already exists'):
        Applier(platform.applier.api).up({"class": plan("test")["alb-ingress-class"]})


def test_an_awaited_service_would_keep_the_stack_from_coming_up(platform: Platform) -> None:
    """The trap: the Service waits for pods, they for the Ingress, and the Ingress comes after the Service."""
    trapped = _copies("gateway-service-account", "gateway-deployment", "gateway-service", "gateway-ingress")
    trapped["gateway-service"].stated["metadata"]["annotations"].pop("pulumi.com/skipAwait")
    with pytest.raises(RunError, match=r"(Service|Deployment) test/gateway-copy (.*\n)+.*(not ready|not attained)"):
        Applier(platform.applier.api, patience=3).up(trapped)
    platform.applier.down(trapped)


def _all_before(steps: dict[str, Step], name: str) -> set[str]:
    """Everything that is up before a step begins."""
    direct = steps[name].after
    return set(direct).union(*(_all_before(steps, each) for each in direct))


def _copies(*names: str) -> dict[str, Step]:
    """The gateway's objects under another name, and with pods of their own."""
    copied = {}
    for name in names:
        step = plan("test")[name]
        stated = json.loads(json.dumps(step.stated).replace('"gateway"', '"gateway-copy"'))
        copied[name] = dataclasses.replace(step, stated=stated, after=step.after & set(names))
    return copied
