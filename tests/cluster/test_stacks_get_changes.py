"""What a run of the program does to stacks that are up: nothing, or exactly what was changed, without a gap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.cluster.api import ApiException, Object, name_of
from tests.cluster.applier import CREATOR
from tests.cluster.platform import Platform, plan

SERVICES = ("admin", "exam", "file", "gateway", "oauth2", "resource", "study")
NEW_TAGS = {f"services__{name}__image__tag": "uat-9.9.9-0123abcd-20261201T000000" for name in SERVICES}


def versions(platform: Platform, stack: str) -> dict[str, str]:
    """The resource version of every object of a stack."""
    live = {name: platform.api.live(step.stated) for name, step in platform.plans[stack].items()}
    return {name: each["metadata"]["resourceVersion"] for name, each in live.items() if each}


def images(platform: Platform, namespace: str) -> dict[str, str]:
    """The images that the pods of a namespace's services run, by pod."""
    pods = platform.api.objects("v1", "Pod", namespace)
    return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in pods}


@contextmanager
def watched(platform: Platform, namespace: str) -> Iterator[dict[str, list[int]]]:
    """Counts a namespace's ready pods by service, again and again, while the block runs."""
    seen: dict[str, list[int]] = {}
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(0.1):
            ready = dict.fromkeys(SERVICES, 0)
            for pod in platform.api.objects("v1", "Pod", namespace):
                conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions") or ()}
                if conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]:
                    ready[pod["metadata"]["labels"]["app.kubernetes.io/name"]] += 1
            for name, count in ready.items():
                seen.setdefault(name, []).append(count)

    with ThreadPoolExecutor(1) as pool:
        sampling = pool.submit(sample)
        try:
            yield seen
        finally:
            stop.set()
    sampling.result()


def test_a_run_without_a_change_changes_no_object(platform: Platform) -> None:
    """Every object is written, which is more than the engine does: it writes what differs from the run before."""
    for current in platform.plans.values():
        platform.applier.up(current)  # the first write after the creation hands the fields over
    for stack, current in platform.plans.items():
        before = versions(platform, stack)
        platform.applier.up(current)
        assert versions(platform, stack) == before


def test_after_the_first_update_the_creating_manager_owns_nothing(platform: Platform) -> None:
    for current in platform.plans.values():
        platform.applier.up(current)
        for name, step in current.items():
            live = platform.api.live(step.stated)
            assert live is not None
            managers = {(each["manager"], each["operation"]) for each in live["metadata"]["managedFields"]}
            assert ("ack-platform", "Apply") in managers, name
            assert CREATOR not in {manager for manager, _ in managers}, name


def test_without_the_hand_over_an_update_would_be_a_conflict(platform: Platform) -> None:
    created = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "conflict",
            "namespace": "test",
            "annotations": {"pulumi.com/patchFieldManager": "ack-platform"},
        },
        "data": {"key": "old"},
    }
    platform.api.create(created, CREATOR)
    changed = {**created, "data": {"key": "new"}}
    with pytest.raises(ApiException, match=f"conflict with .*{CREATOR}"):
        platform.api.apply(changed, "ack-platform")
    assert platform.applier.update(changed)["data"] == {"key": "new"}
    platform.api.delete(created)


def test_what_the_autoscaler_decided_survives_a_run(platform: Platform) -> None:
    deployment = platform.object("uat", "gateway-deployment")
    assert "replicas" not in deployment["spec"]
    platform.api.patch(deployment, {"spec": {"replicas": 3}}, part="scale")
    platform.applier.up(platform.plans["uat"])
    assert replicas(platform, deployment) == (3, 3)


def test_new_images_roll_out_at_once_with_never_a_ready_pod_less_and_within_the_quota(platform: Platform) -> None:
    wanted = {each["metadata"]["name"]: each["spec"]["replicas"] for each in deployments(platform, "uat")}
    assert wanted.keys() == set(SERVICES)
    before = images(platform, "uat")
    with watched(platform, "uat") as ready:
        platform.change("uat", plan("uat", **NEW_TAGS))
    assert all(len(counts) > 20 for counts in ready.values())
    assert {name: min(counts) for name, counts in ready.items()} == wanted
    assert {name: max(counts) for name, counts in ready.items()} == {name: most + 1 for name, most in wanted.items()}
    after = images(platform, "uat")
    assert not set(before) & set(after)
    assert all("9.9.9" in image for image in after.values())
    assert {each["metadata"]["name"]: each["spec"]["replicas"] for each in deployments(platform, "uat")} == wanted
    assert not [text for text in platform.api.warnings("uat") if "exceeded quota" in text]


def test_g12_a_restart_that_the_file_asks_for_replaces_every_pod_of_its_service_once_and_no_other(
    platform: Platform,
) -> None:
    shipped, restarted = plan("test"), plan("test", services__file__restartedAt="2026-11-26T04:00:00Z")
    platform.change("test", shipped)
    before, pods = generations(platform, "test"), images(platform, "test")
    of_file = {name for name in pods if name.startswith("file-")}
    assert of_file
    platform.change("test", restarted)
    after, new = generations(platform, "test"), images(platform, "test")
    assert {name for name, each in after.items() if each != before[name]} == {"file"}
    assert set(pods) - set(new) == of_file
    assert len(new) == len(pods)
    platform.change("test", restarted)
    assert generations(platform, "test") == after
    assert set(images(platform, "test")) == set(new)
    platform.change("test", shipped)


def test_a_changed_configuration_file_rolls_exactly_its_service(platform: Platform) -> None:
    for level in (1, 2):
        before = generations(platform, "test")
        platform.change("test", plan("test", services__exam__configFiles__extra=f"level: {level}"))
        after = generations(platform, "test")
        assert {name for name, each in after.items() if each != before[name]} == {"exam"}
        assert mounted(platform, "exam") == [{"extra": f"level: {level}"}]
    kept = [name_of(each)[0] for each in platform.api.objects("v1", "ConfigMap", "test")]
    assert len([name for name in kept if name.startswith("exam-config")]) == 1


def test_a_service_that_leaves_the_stack_takes_its_own_objects_and_no_other(platform: Platform) -> None:
    whole = platform.plans["test"]
    reduced = {name: step for name, step in whole.items() if not name.startswith("study-")}
    assert 3 <= len(whole) - len(reduced) <= 8
    platform.applier.up(whole)  # what is new since the last test is handed over
    before = versions(platform, "test")
    platform.change("test", reduced)
    after = versions(platform, "test")
    del before["environment-quota"], after["environment-quota"]  # its status counts what is used
    assert after == {name: each for name, each in before.items() if name in reduced}
    left = platform.api.objects("v1", "Pod", "test", {"app.kubernetes.io/name": "study"})
    assert left == []
    platform.change("test", whole)


def deployments(platform: Platform, namespace: str) -> list[Object]:
    """The Deployments of a namespace."""
    return platform.api.objects("apps/v1", "Deployment", namespace)


def replicas(platform: Platform, deployment: Object) -> tuple[int, int]:
    """How many pods a Deployment wants, and how many are ready."""
    live = platform.api.live(deployment)
    assert live is not None
    return live["spec"]["replicas"], live["status"].get("readyReplicas", 0)


def generations(platform: Platform, namespace: str) -> dict[str, int]:
    """How often the specification of each Deployment of a namespace was changed."""
    return {name_of(each)[0]: each["metadata"]["generation"] for each in deployments(platform, namespace)}


def mounted(platform: Platform, service: str) -> list[Object]:
    """The content of the configuration files that a service's pods mount."""
    pods = platform.api.objects("v1", "Pod", "test", {"app.kubernetes.io/name": service})
    names = {
        volume["configMap"]["name"]
        for pod in pods
        if "deletionTimestamp" not in pod["metadata"]
        for volume in pod["spec"]["volumes"]
        if volume["name"] == "config-files"
    }
    found = [platform.api.read("v1", "ConfigMap", name, "test") for name in names]
    return [each["data"] for each in found if each]
