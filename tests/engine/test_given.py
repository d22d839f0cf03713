"""What a stack is given: nothing of it is created or changed; what is not there is named before anything is created."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.cloud.contents import Contents
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.run import Sandbox
from tests.engine.conftest import MakeSandbox, Shared
from tests.engine.stacks import Cloud, Project, operations, seed_without

CLUSTER = "cexample0000000000000000000000001"


def test_the_existing_cluster_comes_up_with_nothing_given_created_or_changed(shared: Shared) -> None:
    given = shared.seeded.objects()
    assert len(given) > 20
    assert shared.seeded.created_by("prod") == set()
    after = shared.cloud.objects()
    assert {key: each for key, each in given.items() if "prod" in key} == {
        key: each for key, each in after.items() if key in given and "prod" in key
    }
    for key in ("alibabacloud.com/AlbConfig::alb", "networking.k8s.io/IngressClass::alb", "core/Namespace::prod"):
        assert after[f"kubernetes:{key}"] == given[f"kubernetes:{key}"]
    kinds = {key.split("::")[0].rpartition("/")[2] for key in shared.cloud.created_by("prod")}
    assert kinds == {
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    }
    reads = [step.name for step in shared.results["prod"].changes.steps if step.op == "read"]
    assert sorted(reads) == [
        "alb-ingress-class",
        "environment-limit-range",
        "environment-namespace",
        "environment-pull-secret",
        "environment-quota",
        "extend-network-controller-definition",
        "nas-volume-claim",
    ]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("stack", ["prod", "uat"])
def test_a_preview_of_what_is_up_finds_no_change_in_whoever_uses_what_is_given(
    engine: Engine, shared: Shared, tmp_path: Path, stack: str
) -> None:
    shutil.copytree(shared.place.directory, tmp_path / "sandbox")
    root = Project.copy(tmp_path / "project", stack).root
    assert operations(Sandbox(root, stack, place=Place(tmp_path / "sandbox"), engine=engine).preview()) == {}


def test_what_a_stack_is_given_by_another_stays_the_others(shared: Shared) -> None:
    made = shared.cloud.created_by("uat")
    assert not [key for key in made if key.startswith("alicloud:") or "Release" in key or key.endswith("::alb")]
    given = ("alicloud:nas/fileSystem::example0nas", "alicloud:alb/loadBalancer::alb-exampleprod000001")
    for key in given:
        assert shared.cloud.entries[key].object == shared.seeded.entries[key].object


MISSING = {
    "namespace": ("prod", ("Namespace", "prod"), ("Namespace prod (environment-namespace)", "'prod' does not exist")),
    "claim": ("prod", ("PersistentVolumeClaim", "prod-nas"), ("nas-volume-claim", "'prod/prod-nas' does not exist")),
    "pull secret": ("prod", ("Secret", "acr-credentials"), ("environment-pull-secret", "'prod/acr-credentials'")),
    "quota": ("prod", ("ResourceQuota", "prod-quota"), ("environment-quota", "'prod/prod-quota' does not exist")),
    "limit range": ("prod", ("LimitRange", "prod-limits"), ("environment-limit-range", "'prod/prod-limits'")),
    "ingress class": (
        "prod",
        ("IngressClass", "alb"),
        ("IngressClass alb (alb-ingress-class)", "'alb' does not exist"),
    ),
    "PodEIP definition": (
        "prod",
        ("CustomResourceDefinition", "podeips.alibabacloud.com"),
        ("extend-network-controller-definition", "'podeips.alibabacloud.com' does not exist"),
    ),
    "add-on": (
        "uat",
        ("cs/kubernetesAddon", f"{CLUSTER}:alb-ingress-controller"),
        ("ack-platform:addons.albIngressController", f"installed in the cluster {CLUSTER}", "ownership: owned"),
    ),
    "ALB": (
        "uat",
        ("alb/loadBalancer", "alb-exampleuat0000001"),
        ("ack-platform:alb.id", '"alb-exampleuat0000001"', "an ALB of the region cn-hangzhou"),
    ),
    "NAS file system": (
        "uat",
        ("nas/fileSystem", "example0nas"),
        ("ack-platform:nas.fileSystem.id", '"example0nas"', "a file system of the region cn-hangzhou"),
    ),
    "NAS mount target": (
        "uat",
        ("nas/mountTarget", "example0nas:example0nas-uat01.cn-hangzhou.nas.aliyuncs.com"),
        ("ack-platform:nas.fileSystem.mountTarget", "a mount target of the file system example0nas"),
    ),
}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("what", MISSING)
def test_a_given_thing_that_is_missing_is_named_before_anything_is_created(
    sandbox: MakeSandbox, place: Place, tmp_path: Path, what: str
) -> None:
    stack, taken, words = MISSING[what]
    root = Project.copy(tmp_path / "project", stack, small=True).root
    seed = seed_without(tmp_path / "seed.yaml", *taken)
    with pytest.raises(SandboxError) as refused:
        sandbox(stack, root, seed=seed).up()
    for word in words:
        assert word in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert "nothing was changed" in str(refused.value) or "ack-platform:" in str(refused.value)
    assert Cloud(place).created_by(stack) == set()


@pytest.mark.usefixtures("home")
def test_once_the_missing_thing_is_there_the_next_up_finishes(
    sandbox: MakeSandbox, place: Place, shared: Shared, tmp_path: Path
) -> None:
    root = Project.copy(tmp_path / "project", "prod", small=True).root
    seed = seed_without(tmp_path / "seed.yaml", "PersistentVolumeClaim", "prod-nas")
    with pytest.raises(SandboxError, match="'prod/prod-nas' does not exist"):
        sandbox("prod", root, seed=seed).up()
    assert Cloud(place).created_by("prod") == set()
    by_hand = Contents(place.contents)
    by_hand.put(shared.seeded.entries["kubernetes:core/PersistentVolumeClaim::prod/prod-nas"])
    by_hand.close()
    assert operations(sandbox("prod", root).up())["gateway-deployment"] == "create"
