"""A live namespace is read completely, and as it was at one time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adopt import cluster
from adopt.cluster import read
from adopt.connection import APPLY, MERGE, ClusterError, Connection, RefusedError
from cluster.programs import VERSION
from tests.adopt.guide import guide_objects
from tests.adopt.guide_cluster import GuideCluster
from tests.adopt.readings import Told, names
from tests.cluster.api import JSON, Api, Object

PARTS = {
    "deployments": ("apps/v1", "Deployment"),
    "services": ("v1", "Service"),
    "ingresses": ("networking.k8s.io/v1", "Ingress"),
    "autoscalers": ("autoscaling/v2", "HorizontalPodAutoscaler"),
    "disruption_budgets": ("policy/v1", "PodDisruptionBudget"),
    "claims": ("v1", "PersistentVolumeClaim"),
    "quotas": ("v1", "ResourceQuota"),
    "limit_ranges": ("v1", "LimitRange"),
}
OF_THE_CLUSTER = {
    "ingress_classes": ("networking.k8s.io/v1", "IngressClass"),
    "alb_configs": ("alibabacloud.com/v1", "AlbConfig"),
}


def plain(objects: Any) -> list[Object]:
    return sorted(objects, key=lambda each: str(each["metadata"]["name"]))


def test_every_object_of_a_namespace_is_read_as_it_is(guide: GuideCluster, kubeconfig: Path) -> None:
    found = read(kubeconfig, "uat", progress=Told())
    for part, kind in PARTS.items():
        assert plain(getattr(found, part)) == plain(guide.api.objects(*kind, "uat")), part
    for part, kind in OF_THE_CLUSTER.items():
        assert plain(getattr(found, part)) == plain(guide.api.objects(*kind)), part
    assert len(found.deployments) == 7
    assert len(found.services) == len(found.ingresses) == 3
    assert found.volumes == (guide.api.read("v1", "PersistentVolume", "uat-nas"),)
    assert found.namespace == guide.api.read("v1", "Namespace", "uat")
    assert found.service_accounts == ("default",)
    assert found.server_version == f"v{VERSION}"
    assert found.gaps == ()


def test_nothing_of_another_namespace_is_read(guide: GuideCluster, kubeconfig: Path) -> None:
    found = read(kubeconfig, "test", progress=Told())
    assert {each["metadata"]["namespace"] for part in PARTS for each in getattr(found, part)} == {"test"}
    assert names(found.volumes) == ["test-nas"]
    assert guide.api.read("v1", "PersistentVolume", "uat-nas") is not None


def test_secrets_are_never_asked_for(guide: GuideCluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(guide.api.objects("v1", "Secret", "uat")) == 2
    asked, get = [], Connection.get

    def recorded(self: Connection, path: str, query: Any = None) -> Object:
        asked.append(path)
        return get(self, path, query)

    monkeypatch.setattr(Connection, "get", recorded)
    found = read(kubeconfig, "uat", progress=Told())
    assert len(asked) > len(PARTS)
    assert not [each for each in asked if "secrets" in each]
    secret = next(each for each in guide_objects("uat") if each["kind"] == "Secret")
    assert str(next(iter(secret["data"].values()))) not in str(found)


def test_long_lists_are_read_page_by_page_and_the_count_is_said(
    guide: GuideCluster, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PAGE", 3)
    told = Told()
    found = read(kubeconfig, "uat", progress=told)
    assert plain(found.deployments) == plain(guide.api.objects("apps/v1", "Deployment", "uat"))
    pages = ["Reading deployments of uat", *(f"Reading deployments of uat: {n} so far" for n in (3, 6))]
    assert [each for each in told.said if "deployments" in each] == pages * 2


@pytest.fixture
def small(api: Api) -> Object:
    """A Service in a namespace of its own, with an Ingress that is not served."""
    made = api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "small-"}})
    namespace = made["metadata"]["name"]
    service = {"metadata": {"name": "web", "namespace": namespace}, "spec": {"ports": [{"port": 80}]}}
    rules = [{"host": "web.example.com"}]
    ingress = {"metadata": dict(service["metadata"]), "spec": {"ingressClassName": "none", "rules": rules}}
    api.create({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", **ingress}, "console")
    return api.create({"apiVersion": "v1", "kind": "Service", **service}, "console")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_PAUSE_SECONDS", 0.01)


def annotate(api: Api, service: Object, value: object) -> None:
    api.patch(service, {"metadata": {"annotations": {"example.com/run": str(value)}}}, manager="restless")


@pytest.mark.usefixtures("hurried")
def test_what_changes_while_it_is_read_is_read_again(api: Api, kubeconfig: Path, small: Object) -> None:
    left = [3, 2, 1]
    told = Told("Reading resourcequotas", lambda: annotate(api, small, left.pop()) if left else None)
    found = read(kubeconfig, small["metadata"]["namespace"], progress=told)
    assert left == []
    (service,) = found.services
    assert service == api.live(small)
    assert service["metadata"]["annotations"] == {"example.com/run": "3"}
    (first, *_) = (each for each in told.said if "changes" in each)
    assert first.startswith(f"{small['metadata']['namespace']} changes while it is read: Service/web, last written by ")
    assert "restless" in first


@pytest.mark.usefixtures("hurried")
def test_what_never_rests_is_named_with_its_writer_and_the_reading_ends(
    api: Api, kubeconfig: Path, small: Object
) -> None:
    runs: list[int] = []

    def write() -> None:
        runs.append(len(runs))
        annotate(api, small, len(runs))

    with pytest.raises(ClusterError) as failed:
        read(kubeconfig, small["metadata"]["namespace"], progress=Told("Reading resourcequotas", write))
    assert len(runs) == cluster.READINGS
    what, said, mend = str(failed.value).splitlines()
    changing = f"Objects of the namespace {small['metadata']['namespace']} keep changing while they are read"
    assert what == f"{changing}, 6 times in a row; nothing was changed."
    assert said.startswith("    said   Service/web, last written by ")
    assert "restless" in said
    assert mend == "    mend   wait until the rollout is over, or stop what writes there, and run again"


@pytest.mark.usefixtures("hurried")
def test_what_comes_and_goes_while_it_is_read_counts_as_a_change(api: Api, kubeconfig: Path, small: Object) -> None:
    namespace = small["metadata"]["namespace"]
    other = {**small, "metadata": {"name": "other", "namespace": namespace}, "spec": {"ports": [{"port": 80}]}}
    acts: list[Callable[[], object]] = [lambda: api.delete(other), lambda: api.create(other)]
    told = Told("Reading resourcequotas", lambda: acts.pop()() if acts else None)
    found = read(kubeconfig, namespace, progress=told)
    assert names(found.services) == ["web"]
    changes = [each for each in told.said if "changes" in each]
    assert [each.rpartition(": ")[2].partition(",")[0] for each in changes] == [
        "Service/other",
        "Service/other was deleted",
    ]


@pytest.mark.usefixtures("hurried")
def test_what_controllers_write_meanwhile_is_no_change(api: Api, kubeconfig: Path, small: Object) -> None:
    ingress = {**small, "apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
    versions: list[str] = []

    def write() -> None:
        served = [{"hostname": f"alb-{len(versions)}.example.com"}]
        found = api.patch(ingress, {"status": {"loadBalancer": {"ingress": served}}}, part="status")
        revision = [{"op": "add", "path": "/metadata/annotations", "value": {}}] if not versions else []
        path = "/metadata/annotations/deployment.kubernetes.io~1revision"
        api.patch(ingress, [*revision, {"op": "add", "path": path, "value": str(len(versions))}], form=JSON)
        versions.append(found["metadata"]["resourceVersion"])

    told = Told("Reading resourcequotas", write)
    found = read(kubeconfig, small["metadata"]["namespace"], progress=told)
    assert len(set(versions)) == 2
    assert not [each for each in told.said if "changes" in each]
    assert names(found.ingresses) == ["web"]


@pytest.mark.parametrize("form", [MERGE, APPLY])
def test_a_patch_that_is_a_dry_run_is_answered_and_changes_nothing(
    api: Api, kubeconfig: Path, small: Object, form: str
) -> None:
    connection, namespace = Connection(kubeconfig), small["metadata"]["namespace"]
    path = f"/api/v1/namespaces/{namespace}/services/web"
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"env": "uat"}}}
    options = {"dryRun": "All", "fieldManager": "ack-platform"}
    answer = connection.patch(path, body, form, options)
    assert answer["metadata"]["labels"] == {"env": "uat"}
    assert "ack-platform" in {each["manager"] for each in answer["metadata"]["managedFields"]}
    assert api.live(small) == small
    with pytest.raises(RefusedError, match="not found") as refused:
        connection.patch(f"{path}-of-nobody", {"metadata": {"labels": {}}}, MERGE, options)
    assert refused.value.missing
