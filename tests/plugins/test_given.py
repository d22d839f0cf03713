"""Stacks in which everything of the cloud is given, from the first `pulumi up` to `pulumi destroy`, in this order."""

from __future__ import annotations

import re

import pytest

from sandbox.changes import Changes
from tests.cluster.api import Api, name_of
from tests.engine.conftest import wait_for
from tests.plugins.stack import CommandError, RealStack

TAG = "9.9.9-0123abcd-20261201T000000"


def deployments(api: Api, stack: RealStack) -> dict[str, tuple[int, str]]:
    """Ready pods and image of every Deployment of a stack's namespace."""
    found = api.objects("apps/v1", "Deployment", stack.settings.namespace)
    return {
        name_of(each)[0]: (
            each["status"].get("readyReplicas", 0),
            each["spec"]["template"]["spec"]["containers"][0]["image"],
        )
        for each in found
    }


def changed(found: Changes) -> list[tuple[str, str, tuple[str, ...]]]:
    """Name, operation and properties of everything that changed, or would."""
    steps = [step for step in found.steps if step.op not in {"same", "read", "refresh"} and not step.is_stack]
    return [(step.name, step.op, step.paths) for step in steps]


def only_read(stack: RealStack) -> set[str]:
    """Names of what the stack is given in Kubernetes: a refresh shows each as updated, although nothing is written.

    The state has no inputs of what is only read; a refresh adds them, and the next run takes them out again.
    """
    return {name for name, each in stack.resources().items() if each.get("external")}


def test_it_comes_up_with_every_pod_ready_and_its_ingress_served(running: RealStack, api: Api) -> None:
    settings = running.settings
    wanted = {name: (each.fewest_replicas, settings.image(name)) for name, each in settings.services.items()}
    wait_for(lambda: deployments(api, running) == wanted)  # an autoscaler's second pod comes a moment after the stack
    gateway = running.outputs()["services"]["gateway"]
    assert gateway["url"] == settings.urls("gateway")[0]
    (ingress,) = api.objects("networking.k8s.io/v1", "Ingress", settings.namespace)
    assert ingress["status"]["loadBalancer"]["ingress"][0]["hostname"].endswith(".alb.aliyuncs.com")


def test_a_preview_of_what_is_up_finds_no_change(running: RealStack) -> None:
    assert changed(running.preview("--expect-no-changes")) == []


def test_what_an_autoscaler_decides_is_no_change(running: RealStack, api: Api) -> None:
    if "gateway-autoscaler" in running.resources():
        (scaled,) = api.objects(
            "apps/v1", "Deployment", running.settings.namespace, {"app.kubernetes.io/name": "gateway"}
        )
        api.patch(scaled, {"spec": {"replicas": 3}}, part="scale")
        found = changed(running.preview("--refresh"))
        assert [each for each in found if each[0] not in only_read(running)] == []


def test_a_new_image_changes_its_deployment_and_nothing_else(running: RealStack, api: Api) -> None:
    before = deployments(api, running)
    running.edit({"services.study.image.tag": f"{running.name}-{TAG}"})
    ((name, operation, paths),) = changed(running.up())
    assert (name, operation) == ("study-deployment", "update")
    # The registration sidecar runs the same image.
    assert all(re.fullmatch(r"spec\.template\.spec\.(initC|c)ontainers\[0\]\.image", path) for path in paths), paths
    after = deployments(api, running)
    assert after["study"][1].endswith(TAG)
    assert {name: each for name, each in after.items() if name != "study"} == {
        name: each for name, each in before.items() if name != "study"
    }


def test_a_refresh_finds_nothing_but_what_is_read_anew_each_time(running: RealStack) -> None:
    found = changed(running.refresh())
    assert [each for each in found if each[0] not in only_read(running)] == []
    assert changed(running.preview("--expect-no-changes")) == []


def test_what_is_protected_keeps_the_stack_and_is_named(running: RealStack, api: Api) -> None:
    # The stack of an existing cluster owns nothing of the kind but its provider, through which all objects would go.
    protected = [name for name, each in running.resources().items() if each.get("protect")] or ["kubernetes"]
    with pytest.raises(CommandError, match="protect") as refused:
        running.destroy()
    assert any(f'::{name}" cannot be deleted' in str(refused.value) for name in protected)
    assert deployments(api, running).keys() == set(running.settings.services)


def test_it_goes_and_leaves_what_it_was_given_and_what_is_retained(running: RealStack, api: Api) -> None:
    namespace = running.settings.namespace
    running.destroy("--ignore-protect")
    for version, kind in (("apps/v1", "Deployment"), ("networking.k8s.io/v1", "Ingress"), ("v1", "Pod")):
        assert api.objects(version, kind, namespace) == [], kind
    owned = running.settings.environment.namespace.ownership == "owned"
    assert (api.read("v1", "Namespace", namespace) is None) == owned
    assert api.read("v1", "PersistentVolume", f"{namespace}-nas") is not None
    assert running.resources() == {}
