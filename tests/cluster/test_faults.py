"""What goes wrong in the middle of a run, on a real API server: each time one message that names the object and the
mend; nothing is lost, the next run finishes, and the one after it changes nothing.

The plane is this file's own, for its API server is killed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.api import Api, ApiException, Object
from tests.cluster.applier import Applier, RunError
from tests.cluster.connection import Connection
from tests.cluster.controllers.webhook import configured, webhook
from tests.cluster.platform import plan
from tests.cluster.site import (
    KILLED_AFTER,
    SECONDS,
    Plan,
    Site,
    copied,
    eventually,
    live,
    site_after_a_kill,
    undocumented,
)

DEPLOYMENTS = {
    "apiGroups": ["apps"],
    "apiVersions": ["v1"],
    "operations": ["CREATE", "UPDATE"],
    "resources": ["deployments"],
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with site_after_a_kill() as found:
        yield found


def test_a_run_whose_api_server_is_killed_ends_with_one_message_that_says_when_to_go_on(site: Site) -> None:
    assert site.report.count("\n    said ") == 1, site.report
    assert "connection refused" in site.report or ": EOF" in site.report
    assert "must be written by an API server that answers" in site.report
    assert "once `kubectl get --raw /readyz` says ok, run again" in site.report
    assert len(site.report.splitlines()) == 6
    assert [line for line in undocumented(site.report) if "    said   " not in line] == []  # each has its own address


def test_everything_that_the_killed_api_server_acknowledged_is_there_when_it_is_back(site: Site) -> None:
    assert len(site.acknowledged) >= KILLED_AFTER
    assert "lost" not in site.acknowledged.values()
    assert {**site.uids(site.plan), **site.acknowledged} == site.uids(site.plan)


def test_the_run_after_the_kill_finishes_and_a_third_changes_nothing(site: Site) -> None:
    """What was created without a word is named, with the command that takes it over."""
    if said := site.next_report:
        kept = said.count("its reclaim policy is Retain")  # of a volume, which of the objects were lost is chance
        assert said.count("already exists") == said.count("UPSERT_EXISTING_OBJECTS=true") + kept
    site.finishes(site.plan)
    for kind, prefix in (("Deployment", "apps/v1"), ("Service", "v1"), ("Ingress", "networking.k8s.io/v1")):
        stated = [each.stated for each in site.plan.values() if each.stated["kind"] == kind]
        assert len(site.api.objects(prefix, kind, "uat")) == len(stated)


def test_an_object_whose_creation_nobody_was_told_of_is_taken_over_and_not_made_twice(
    site: Site, tmp_path: Path
) -> None:
    steps = {"study-service-account": site.part("study-")["study-service-account"]}
    account = copied(steps, "study-service-account", "lonely")
    with Connection(site.plane.kubeconfig, tmp_path).open() as connection:
        applier = Applier(Api(connection.kubeconfig))
        assert applier.api.live(account["study-service-account"].stated) is None  # the connection is open by now
        connection.lose_next_answer()
        with pytest.raises(RunError, match=r'said   Post "https://127\.0\.0\.1:\d+": EOF'):
            applier.up(account)
        created = site.uids(account)
        assert len(created) == 1
        with pytest.raises(RunError, match=r'said   serviceaccounts "lonely" already exists') as exists:
            applier.up(account)
    take_over = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true pulumi up --stack uat --target '**::study-service-account'"
    assert take_over in str(exists.value)
    site.finishes(account, Applier(site.api), upsert=True)
    assert site.uids(account) == created


def test_an_object_of_somebody_else_is_named_and_left_alone_until_it_is_gone(site: Site) -> None:
    account = copied(site.part("study-"), "study-service-account", "taken")
    stated = account["study-service-account"].stated
    theirs = site.api.create({**stated, "metadata": {"name": "taken", "namespace": "uat", "labels": {"owner": "them"}}})
    text = site.refused(account)
    assert "  ServiceAccount uat/taken (study-service-account)\n" in text
    assert "look whose it is: `kubectl get serviceaccount taken -n uat -o yaml`" in text
    assert site.api.live(stated) == theirs
    site.api.delete(stated)
    eventually(lambda: site.api.live(stated) is None)  # the garbage collector ends a deletion in the foreground
    site.finishes(account)


def test_fields_that_another_manager_took_are_named_with_it_and_taken_back_on_request(site: Site) -> None:
    steps = site.part("study-")
    site.finishes(steps)
    stated = steps["study-deployment"].stated
    taken: Object = {key: stated[key] for key in ("apiVersion", "kind")}
    taken["metadata"] = {key: stated["metadata"][key] for key in ("name", "namespace")}
    replicas = stated["spec"]["replicas"]
    site.api.apply({**taken, "spec": {"replicas": replicas + 1}}, "kubectl", force=True)
    text = site.refused(steps)
    assert "  Deployment uat/study (study-deployment)\n" in text
    assert 'said   Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas\n' in text
    assert "PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up --stack uat" in text
    assert live(site, stated)["spec"]["replicas"] == replicas + 1
    site.finishes(steps, force=True)
    assert live(site, stated)["spec"]["replicas"] == replicas


def test_a_namespace_that_is_being_deleted_is_named_with_what_it_waits_for(site: Site) -> None:
    applier = Applier(site.api)
    steps = {name: plan("test")[name] for name in ("environment-namespace", "environment-limit-range")}
    account = {"admin-service-account": plan("test")["admin-service-account"]}
    namespace = steps["environment-namespace"].stated
    held = {"metadata": {"finalizers": ["example.com/hold"]}}
    site.api.create({**namespace, "metadata": {**namespace["metadata"], **held["metadata"]}})
    site.api.delete(namespace)
    text = site.refused(steps, applier)
    assert "  Namespace test (environment-namespace)\n" in text
    assert 'said   object is being deleted: namespaces "test" already exists\n' in text
    assert "`kubectl get namespace test -o yaml` names the finalizers" in text
    release(site, namespace)
    applier.up(steps)

    site.api.patch(namespace, held)
    site.api.delete(namespace)
    text = site.refused(account, applier)
    assert "  ServiceAccount test/admin (admin-service-account)\n" in text
    assert "because it is being terminated\n" in text
    assert "`kubectl get namespace test -o yaml`" in text
    assert "`pulumi refresh --stack test`" in text
    release(site, namespace)
    applier.refresh(steps)
    site.finishes({**steps, **account}, applier)
    applier.down({**steps, **account})


def test_a_quota_that_no_longer_fits_is_named_with_its_numbers_and_the_old_pods_go_on(site: Site) -> None:
    quota: Object = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": "uat"},
        "spec": {"hard": {"pods": "1000"}},
    }
    site.api.create(quota)
    eventually(lambda: (live(site, quota).get("status") or {}).get("used"))
    used = live(site, quota)["status"]["used"]["pods"]
    site.api.patch(quota, {"spec": {"hard": {"pods": used}}})
    eventually(lambda: live(site, quota)["status"]["hard"] == {"pods": used})
    before = live(site, plan("uat")["study-deployment"].stated)["spec"]["replicas"]
    steps = site.part("study-", services__study__replicas=before + 1)
    stated = steps["study-deployment"].stated
    text = site.refused(steps, patience=5)
    assert "  Deployment uat/study (study-deployment)\n" in text
    assert f"exceeded quota: team, requested: pods=1, used: pods={used}, limited: pods={used}\n" in text
    assert "must fit into the ResourceQuota team" in text
    assert "`kubectl describe resourcequota team -n uat`" in text
    assert live(site, stated)["status"]["availableReplicas"] == before
    site.api.delete(quota)
    site.finishes(steps)


def test_a_webhook_that_refuses_is_named_with_its_reason_and_one_that_is_away_with_how_to_find_it(site: Site) -> None:
    certificate = site.plane.kubeconfig.parent / "certificates" / "apiserver.crt"
    steps = site.part("study-", services__study__revisionHistory=3)
    before = live(site, steps["study-deployment"].stated)
    with webhook(site.api, certificate, "images.example.com", [DEPLOYMENTS], _not_signed):
        eventually(lambda: _refuses(site, steps))
        text = site.refused(steps)
    assert "  Deployment uat/study (study-deployment)\n" in text
    assert 'said   admission webhook "images.example.com" denied the request: the image is not signed\n' in text
    assert "must be what the admission webhook images.example.com lets through" in text
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with configured(site.api, certificate, "away.example.com", [DEPLOYMENTS], port):
        eventually(lambda: _refuses(site, steps))
        text = site.refused(steps)
    assert 'failed calling webhook "away.example.com"' in text
    assert "connection refused" in text
    assert "must be judged by the admission webhook away.example.com, which does not answer" in text
    assert live(site, steps["study-deployment"].stated)["spec"] == before["spec"]
    eventually(lambda: not _refuses(site, steps))
    site.finishes(steps)


def test_a_wait_in_vain_ends_in_its_time_and_names_the_object_and_its_last_event(site: Site) -> None:
    steps = copied(site.part("study-"), "study-deployment", "nowhere")
    stated = steps["study-deployment"].stated
    template = stated["spec"]["template"]
    stated["spec"]["selector"] = {"matchLabels": {"app": "nowhere"}}
    template["metadata"]["labels"]["app"] = "nowhere"
    template["spec"]["nodeSelector"] = {"example.com/no": "node"}
    begin = time.monotonic()
    text = site.refused(steps, patience=5)
    assert time.monotonic() - begin < SECONDS
    assert "  Deployment uat/nowhere (study-deployment)\n" in text
    assert "'nowhere' timed out waiting to be Ready\n" in text
    assert "FailedScheduling: 0/4 nodes are available: " in text
    assert "must find nodes with room for its pods" in text
    del template["spec"]["nodeSelector"], stated["spec"]["minReadySeconds"]
    site.finishes(steps)
    site.applier.down(steps)


def release(site: Site, namespace: Object) -> None:
    """Let a namespace go."""
    site.api.patch(namespace, {"metadata": {"finalizers": []}})
    eventually(lambda: site.api.live(namespace) is None)


def _not_signed(_request: Object) -> str:
    return "the image is not signed"


def _refuses(site: Site, steps: Plan) -> bool:
    """Whether the API server asks a webhook by now: it learns of a configuration, and of its end, a moment later."""
    stated = steps["study-deployment"].stated
    try:
        site.api.apply(stated, "ack-platform", dry_run=True)
    except ApiException as error:
        if "webhook" in str(error):
            return True
        raise
    return False
