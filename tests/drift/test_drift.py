"""Hand edits on a real API server: what is drift, and what is somebody else's business."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adopt.connection import ClusterError, Connection
from adopt.server import ApiServer
from components.manifests.metadata import FIELD_MANAGER
from drift.drift import MASKED, Drift, find
from tests.cluster.account import Account
from tests.cluster.api import Object
from tests.cluster.platform import Platform
from tests.settings import settings

PATIENCE_SECONDS = 120
STRATEGIC = "application/strategic-merge-patch+json"


class Cluster:
    """The stacks, and who asks for drift."""

    def __init__(self, platform: Platform, kubeconfig: Path) -> None:
        self.platform, self.api = platform, platform.api
        self.server = ApiServer(Connection(kubeconfig))

    def drifts(self, stack: str = "uat") -> dict[str, Drift]:
        """What has drifted, by object."""
        return {each.called: each for each in find(settings(stack), self.server).drifts}

    def deployment(self, name: str) -> Object:
        """A Deployment of uat as it is stated."""
        return self.platform.object("uat", f"{name}-deployment")

    def edit(self, stated: Object, patch: Object, manager: str = "kubectl-edit", **more: Any) -> Object:
        """What people do."""
        return self.api.patch(stated, patch, form=STRATEGIC, manager=manager, **more)

    def repair(self, stack: str = "uat") -> None:
        """Bring back what is stated, whoever wrote."""
        self.platform.applier.up(self.platform.plans[stack], force=True)
        assert self.drifts(stack) == {}


@pytest.fixture(scope="module")
def cluster(platform: Platform, kubeconfig: Path) -> Cluster:
    return Cluster(platform, kubeconfig)


def only(drifts: dict[str, Drift], called: str) -> dict[str, tuple[Any, Any, tuple[str, ...]]]:
    """The fields of the one object that drifted: stated and live value, and who wrote it."""
    assert list(drifts) == [called]
    return {each.path: (each.stated, each.live, each.owners) for each in drifts[called].fields}


def container(name: str, **fields: Any) -> Object:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, **fields}]}}}}


def at_last(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.parametrize("stack", ["test", "uat"])
def test_stacks_that_were_created_and_updated_have_not_drifted(cluster: Cluster, stack: str) -> None:
    assert find(settings(stack), cluster.server).objects == len(cluster.platform.plans[stack])
    assert cluster.drifts(stack) == {}
    cluster.platform.applier.up(cluster.platform.plans[stack])
    assert cluster.drifts(stack) == {}


def test_comparing_changes_nothing(cluster: Cluster) -> None:
    stated = [step.stated for step in cluster.platform.plans["uat"].values() if step.stated["kind"] != "ResourceQuota"]
    before = [cluster.api.live(each)["metadata"]["resourceVersion"] for each in stated]  # type: ignore[index] # it is up
    cluster.drifts()
    assert [cluster.api.live(each)["metadata"]["resourceVersion"] for each in stated] == before  # type: ignore[index] # see above


def test_an_image_that_was_changed_by_hand_is_drift_with_its_field_and_who_wrote_it(cluster: Cluster) -> None:
    stated = cluster.deployment("study")["spec"]["template"]["spec"]["containers"][0]["image"]
    cluster.edit(cluster.deployment("study"), container("study", image="example.com/study:hot-fix"), "kubectl-set")
    path = "spec.template.spec.containers[study].image"
    wanted = {path: (stated, "example.com/study:hot-fix", ("kubectl-set",))}
    assert only(cluster.drifts(), "Deployment uat/study") == wanted
    assert cluster.drifts("test") == {}
    cluster.repair()


def test_a_variable_that_was_taken_away_is_one_field_wherever_it_stood(cluster: Cluster) -> None:
    gone = [{"name": "LANG", "$patch": "delete"}]
    cluster.edit(cluster.deployment("file"), container("file", env=gone))
    wanted = {"name": "LANG", "value": "C.UTF-8"}
    path = "spec.template.spec.containers[file].env[LANG]"
    assert only(cluster.drifts(), "Deployment uat/file") == {path: (wanted, ..., ())}
    cluster.repair()


def test_an_object_that_was_removed_is_missing(cluster: Cluster) -> None:
    budget = cluster.platform.object("uat", "exam-disruption-budget")
    cluster.api.delete(budget)
    drifts = cluster.drifts()
    assert list(drifts) == ["PodDisruptionBudget uat/exam"]
    assert drifts["PodDisruptionBudget uat/exam"].missing
    cluster.api.apply(budget, FIELD_MANAGER)
    assert cluster.drifts() == {}


def test_replicas_under_the_stacks_own_autoscaler_are_not_drift(cluster: Cluster) -> None:
    gateway = cluster.deployment("gateway")
    cluster.api.patch(gateway, {"spec": {"replicas": 3}}, part="scale")
    assert cluster.drifts() == {}


def test_replicas_under_an_autoscaler_that_somebody_made_are_not_drift_and_those_scaled_by_hand_are(
    cluster: Cluster,
) -> None:
    study = cluster.deployment("study")
    cluster.api.patch(study, {"spec": {"replicas": 4}}, part="scale", manager="kubectl")
    assert only(cluster.drifts(), "Deployment uat/study") == {"spec.replicas": (2, 4, ("kubectl",))}
    cluster.repair()
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "study"}
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "by-hand", "namespace": "uat"},
        "spec": {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 3},
    }
    cluster.api.create(scaler, "kubectl-create")
    at_last(lambda: (cluster.api.live(study) or {})["spec"]["replicas"] == 3)
    assert cluster.drifts() == {}
    cluster.api.delete(scaler)
    cluster.repair()


def test_what_others_add_is_theirs(cluster: Cluster) -> None:
    admin = cluster.deployment("admin")
    note = {"metadata": {"annotations": {"example.com/on-call": "team-a"}, "labels": {"example.com/cost": "x"}}}
    cluster.edit(admin, note, "kubectl-annotate")
    cluster.edit(admin, container("admin", env=[{"name": "ARTHAS", "value": "on"}]))
    assert cluster.drifts() == {}
    cluster.repair()


def test_a_field_that_another_manager_took_over_is_drift_only_with_another_value(cluster: Cluster) -> None:
    admin = cluster.deployment("admin")
    taken = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "admin", "namespace": "uat"}}
    same = {**taken, "spec": {"minReadySeconds": admin["spec"]["minReadySeconds"]}}
    cluster.api.apply(same, "other-tool", force=True)
    assert cluster.drifts() == {}
    cluster.api.apply({**taken, "spec": {"minReadySeconds": 1}}, "other-tool", force=True)
    wanted = {"spec.minReadySeconds": (admin["spec"]["minReadySeconds"], 1, ("other-tool",))}
    assert only(cluster.drifts(), "Deployment uat/admin") == wanted
    cluster.api.apply(taken, "other-tool", force=True)
    cluster.repair()


def test_a_secret_that_somebody_wrote_is_drift_and_no_value_is_shown(cluster: Cluster) -> None:
    secret = cluster.platform.object("uat", "environment-nacos-secret")
    [key, *_] = [each for each in secret["data"] if "password" in each]
    cluster.edit(secret, {"data": {key: "c2VjcmV0LXdvcmQ="}}, "kubectl-patch")
    fields = only(cluster.drifts(), f"Secret uat/{secret['metadata']['name']}")
    assert fields == {f"data.{key}": (MASKED, MASKED, ("kubectl-patch",))}
    cluster.edit(secret, {"data": {key: None}}, "kubectl-patch")
    gone = only(cluster.drifts(), f"Secret uat/{secret['metadata']['name']}")
    assert gone == {f"data.{key}": (MASKED, ..., ())}
    cluster.repair()


def test_a_password_that_somebody_wrote_into_a_variable_is_not_shown(cluster: Cluster) -> None:
    value = "jdbc:mysql://root:secret-word@10.3.1.1/x"
    cluster.edit(cluster.deployment("exam"), container("exam", env=[{"name": "LANG", "value": value}]))
    path = "spec.template.spec.containers[exam].env[LANG].value"
    assert only(cluster.drifts(), "Deployment uat/exam") == {path: (MASKED, MASKED, ("kubectl-edit",))}
    cluster.repair()


def test_what_is_known_only_after_creation_is_taken_as_it_is_there(cluster: Cluster) -> None:
    """`test` owns its ALB and its NAS: their names stand in objects, and in no setting."""
    volume = cluster.platform.object("test", "nas-volume-volume")
    assert volume["spec"]["csi"]["volumeAttributes"]["server"]
    cluster.edit(volume, {"spec": {"persistentVolumeReclaimPolicy": "Delete"}})
    fields = only(cluster.drifts("test"), f"PersistentVolume {volume['metadata']['name']}")
    assert fields == {"spec.persistentVolumeReclaimPolicy": ("Retain", "Delete", ("kubectl-edit",))}
    cluster.repair("test")


def test_an_object_that_cannot_become_what_is_stated_is_drift_in_the_servers_words(cluster: Cluster) -> None:
    stack = settings("uat", {"services.study.selectorLabels": {"app": "study-old"}})
    drifts = {each.called: each for each in find(stack, cluster.server).drifts}
    assert "field is immutable" in drifts["Deployment uat/study"].refused
    assert drifts["Deployment uat/study"].fields == ()


def test_the_rights_of_pulumi_up_suffice_and_without_them_the_report_says_so(
    cluster: Cluster, kubeconfig: Path
) -> None:
    deployer = cluster.platform._deployer
    assert deployer is not None
    assert find(settings(), ApiServer(Connection(deployer.account.kubeconfig))).drifts == ()
    cluster.api.create(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "nobody", "namespace": "uat"}}
    )
    nobody = Account(cluster.api, kubeconfig, "nobody", "uat")
    with pytest.raises(ClusterError, match=r"cannot be compared(.|\n)*forbidden(.|\n)*deployer-rights.md"):
        find(settings(), ApiServer(Connection(nobody.kubeconfig)))


def test_a_cluster_that_has_nothing_of_the_stack_is_probably_another_one(cluster: Cluster) -> None:
    here = settings()
    other = here.model_copy(update={"environment": here.environment.model_copy(update={"name": "elsewhere"})})
    with pytest.raises(ClusterError, match=r"Nothing of the stack uat is in this cluster(.|\n)*right cluster"):
        find(other, cluster.server)


def test_the_digest_of_a_moving_tag_is_no_drift_and_another_tags_is(cluster: Cluster) -> None:
    moving = settings("uat", changes={"services.study.image": {"tag": "uat-latest"}})
    digest = f"sha256:{'3' * 64}"
    pinned = {"image": f"{moving.image('study')}@{digest}", "imagePullPolicy": "IfNotPresent"}
    stated = cluster.deployment("study")["spec"]["template"]["spec"]
    names = {key: [each["name"] for each in stated.get(key) or ()] for key in ("containers", "initContainers")}

    def run(fields: Object) -> None:
        lists = {key: [{"name": name, **fields} for name in value] for key, value in names.items() if value}
        cluster.edit(cluster.deployment("study"), {"spec": {"template": {"spec": lists}}}, FIELD_MANAGER)

    run(pinned)
    assert find(moving, cluster.server).drifts == ()
    run({"image": f"{moving.image('study')}-2@{digest}"})
    fields = [each.path for found in find(moving, cluster.server).drifts for each in found.fields]
    assert "spec.template.spec.containers[study].image" in fields
    cluster.repair()
