"""What is given and not there: refused with what is missing, before anything that needs it is registered."""

from typing import Any

import pulumi
import pytest

from config import StackSettings
from tests.components.platform import EXISTING, record
from tests.given_cloud import answers, live
from tests.recorder import Recording
from tests.settings import settings

BOTH = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
UAT = "Pulumi.uat.yaml"
BALANCER = {"id": "alb-exampleuat0000001", "vpcId": "vpc-example0000000000001", "loadBalancerEdition": "Standard"}
TARGET = {
    "mountTargetDomain": "example0nas-uat01.cn-hangzhou.nas.aliyuncs.com",
    "vpcId": "vpc-example0000000000001",
}


def refusal(stack: StackSettings, *, preview: bool, cloud: Any = None, objects: Any = None) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        record(stack, preview=preview, cloud=cloud, objects=objects)
    return str(caught.value)


@BOTH
@pytest.mark.parametrize(
    ("source", "answer", "key", "rule"),
    [
        (
            "getKubernetesAddons",
            {"addons": []},
            "addons.albIngressController",
            "the add-on alb-ingress-controller is not",
        ),
        (
            "getKubernetesAddons",
            {"addons": [{"name": "alb-ingress-controller", "currentVersion": ""}]},
            "addons.albIngressController",
            "must be installed in the cluster cexample0000000000000000000000001",
        ),
        ("getLoadBalancers", {"balancers": []}, "alb.id", "must be an ALB of the region cn-hangzhou"),
        (
            "getLoadBalancers",
            {"balancers": [{**BALANCER, "vpcId": "vpc-other"}]},
            "alb.id",
            "must be an ALB in the cluster's VPC vpc-example0000000000001: this one is in vpc-other",
        ),
        (
            "getLoadBalancers",
            {"balancers": [{**BALANCER, "loadBalancerEdition": "Basic"}]},
            "alb.id",
            "must be an ALB of edition Standard or StandardWithWaf",
        ),
        (
            "getFileSystems",
            {"systems": [{"id": "another0nas", "protocolType": "NFS"}]},
            "nas.fileSystem.id",
            "must be a file system of the region cn-hangzhou",
        ),
        (
            "getFileSystems",
            {"systems": [{"id": "example0nas", "protocolType": "SMB"}]},
            "nas.fileSystem.id",
            "this one speaks SMB",
        ),
        (
            "getMountTargets",
            {"targets": []},
            "nas.fileSystem.mountTarget",
            "must be a mount target of the file system example0nas",
        ),
        (
            "getMountTargets",
            {"targets": [{**TARGET, "vpcId": "vpc-other"}]},
            "nas.fileSystem.mountTarget",
            "this mount target is in vpc-other",
        ),
    ],
)
def test_what_the_cloud_does_not_have_is_named_with_its_key(
    source: str, answer: Any, key: str, rule: str, *, preview: bool
) -> None:
    stack = settings("uat")
    text = refusal(stack, preview=preview, cloud={**answers(stack), source: answer})
    assert f"{UAT}  ack-platform:{key}\n" in text
    assert rule in text
    assert "\n    mend   " in text


@BOTH
@pytest.mark.parametrize("source", ["getKubernetesAddons", "getLoadBalancers", "getFileSystems", "getMountTargets"])
def test_an_empty_answer_is_a_refusal_and_no_crash(source: str, *, preview: bool) -> None:
    stack = settings("uat")
    cloud = {key: value for key, value in answers(stack).items() if key != source}
    assert refusal(stack, preview=preview, cloud=cloud).startswith("What the stack is given is not there.\n")


@BOTH
def test_an_ingress_class_of_another_controller_is_refused(*, preview: bool) -> None:
    stack = settings("prod", root=EXISTING)
    objects = {**live(stack), "alb": {"spec": {"controller": "k8s.io/ingress-nginx"}}}
    text = refusal(stack, preview=preview, objects=objects)
    assert "ack-platform:alb.ingressClass" in text
    assert "this one has k8s.io/ingress-nginx" in text


@BOTH
def test_a_given_namespace_that_is_stricter_than_stated_is_refused(*, preview: bool) -> None:
    stack = settings("prod", root=EXISTING)
    strict = {"metadata": {"name": "prod", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    text = refusal(stack, preview=preview, objects={**live(stack), "prod": strict})
    assert "ack-platform:environment.namespace.podSecurity" in text
    assert "mend   podSecurity: restricted" in text


@BOTH
def test_a_given_namespace_that_is_more_lenient_is_taken(*, preview: bool) -> None:
    stack = settings("prod", root=EXISTING)
    unlabelled = {**live(stack), "prod": {"metadata": {"name": "prod"}}}
    assert record(stack, preview=preview, objects=unlabelled).result["namespace"] == "prod"


def test_an_alb_config_is_not_registered_when_its_add_on_or_alb_is_missing() -> None:
    stack = settings("uat")
    for source in ("getKubernetesAddons", "getLoadBalancers"):
        seen = recorded_until_refusal(stack, {**answers(stack), source: {}})
        assert "alb-alb-config" not in seen
        assert "alb-ingress-class" not in seen
        assert "alb" in seen


def test_a_volume_is_not_registered_when_its_mount_target_is_missing() -> None:
    stack = settings("uat")
    seen = recorded_until_refusal(stack, {**answers(stack), "getMountTargets": {}})
    assert "volume-volume" not in seen
    assert "volume-claim" not in seen


def recorded_until_refusal(stack: StackSettings, cloud: dict[str, Any]) -> set[str]:
    """The names that were registered before the program failed."""
    recording = Recording()
    with pytest.raises(pulumi.RunError):
        record(stack, cloud=cloud, recording=recording)
    return recording.names()
