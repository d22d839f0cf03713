"""The log retention's objects on a real API server (rows G27, G28)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.api import Object
from tests.cluster.platform import Platform, plan
from tests.cluster.retention.job import CRON_JOB, STACK, Retention, remove


def test_g27_the_cron_job_arrives_suspended_and_dry_run_and_starts_nothing(platform: Platform) -> None:
    live = platform.api.live(plan(STACK)[CRON_JOB].stated)
    assert live is not None
    assert live["spec"]["suspend"] is True
    (container,) = live["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert {"name": "DRY_RUN", "value": "true"} in container["env"]
    assert "lastScheduleTime" not in live.get("status", {})


def test_g27_the_pod_of_a_job_made_by_hand_is_admitted_and_gets_a_node(retention: Retention) -> None:
    """Pod Security restricted, quota and limit range are in force where it is made."""
    api = retention.api
    namespace = api.read("v1", "Namespace", STACK)
    assert namespace is not None
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert api.objects("v1", "ResourceQuota", STACK)
    assert api.objects("v1", "LimitRange", STACK)
    for dry_run in (True, False):
        pod = api.read("v1", "Pod", retention.pod(dry_run=dry_run), STACK)
        assert pod is not None
        assert pod["spec"]["nodeName"]
        assert pod["spec"]["serviceAccountName"] == "log-retention"
        assert pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == "128Mi"  # the limit range gives 1 Gi
    assert not [text for text in api.warnings(STACK) if "log-retention" in text and "FailedCreate" in text]


def test_g28_the_account_lists_the_pods_of_its_own_namespace_and_of_no_other(retention: Retention) -> None:
    retention.nas.clear()
    retention.nas.marked("file")
    assert retention.run("dash").returncode == 0
    done = retention.run("dash", changes={"NAMESPACE": "test"})
    assert done.returncode == 2
    assert "error: 403" in done.stderr


def test_g28_a_pod_s_files_go_once_the_pod_is_gone_and_not_before(retention: Retention, another_pod: Object) -> None:
    name = another_pod["metadata"]["name"]
    retention.nas.clear()
    old = retention.nas.file(f"{retention.nas.marked('file')}/logs/{name}.log", 99)
    assert retention.run("dash").returncode == 0
    assert old in retention.nas.tree()
    remove(retention.api, another_pod)
    assert retention.run("dash").returncode == 0
    assert old not in retention.nas.tree()


@pytest.fixture
def another_pod(retention: Retention) -> Iterator[Object]:
    """A pod that lives in the namespace, until a test removes it."""
    job_pod = retention.api.read("v1", "Pod", retention.pod(), STACK)
    assert job_pod is not None
    spec = {key: job_pod["spec"][key] for key in ("containers", "restartPolicy", "securityContext", "volumes")}
    metadata = {"name": "file-68bff5d45b-cgnd8", "namespace": STACK}
    pod = retention.api.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    yield pod
    remove(retention.api, pod)
