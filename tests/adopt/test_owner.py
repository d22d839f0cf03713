"""Whoever else keeps an object is named; what only looks so is not."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from adopt.cluster import read
from adopt.owner import owner_of
from tests.adopt.guide import ENVIRONMENTS, guide_objects
from tests.adopt.guide_cluster import GuideCluster
from tests.adopt.readings import Told
from tests.cluster.api import Api, Object

HELM = {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "apps"}
MANAGED_BY = "app.kubernetes.io/managed-by"
INSTANCE = "app.kubernetes.io/instance"
PATCH_MANAGER = "pulumi.com/patchFieldManager"
OURS = {MANAGED_BY: "pulumi", "app.kubernetes.io/part-of": "ack-platform"}
OPERATOR = {"apiVersion": "apps.kruise.io/v1", "kind": "CloneSet", "name": "web", "uid": "1", "controller": True}

KEPT: dict[str, tuple[str, Object, str]] = {
    "helm": ("helm", {"labels": {MANAGED_BY: "Helm"}, "annotations": HELM}, "Helm, release web in the namespace apps"),
    "helm-by-its-label": ("kubectl", {"labels": {MANAGED_BY: "Helm", INSTANCE: "web"}}, "Helm, release web"),
    "argo-by-annotation": (
        "argocd-controller",
        {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:{namespace}/{name}"}},
        "Argo CD, application shop",
    ),
    "argo-by-its-label": ("argocd-controller", {"labels": {"argocd.argoproj.io/instance": "shop"}}, "application shop"),
    "argo-by-the-common-label": ("argocd-controller", {"labels": {INSTANCE: "shop"}}, "Argo CD, application shop"),
    "argo-by-an-option": (
        "kubectl-client-side-apply",
        {"labels": {INSTANCE: "shop"}, "annotations": {"argocd.argoproj.io/sync-wave": "1"}},
        "Argo CD, application shop",
    ),
    "argo-with-a-chart": (
        "argocd-controller",
        {"labels": {MANAGED_BY: "Helm", INSTANCE: "shop"}},
        "Argo CD, application shop",
    ),
    "flux": (
        "kustomize-controller",
        {
            "labels": {
                "kustomize.toolkit.fluxcd.io/name": "apps",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            }
        },
        "Flux, Kustomization apps",
    ),
    "flux-with-a-chart": (
        "helm-controller",
        {"labels": {"helm.toolkit.fluxcd.io/name": "web", MANAGED_BY: "Helm"}, "annotations": HELM},
        "Flux, HelmRelease web",
    ),
    "operator": ("manager", {"ownerReferences": [OPERATOR]}, "the CloneSet web"),
    "terraform": ("Terraform", {}, "Terraform, field manager Terraform"),
    "another-stack": (
        "ack-platform",
        {"labels": {**OURS, INSTANCE: "uat"}, "annotations": {PATCH_MANAGER: "ack-platform"}},
        "another stack of this program, environment uat",
    ),
    "another-program": (
        "billing",
        {"labels": {MANAGED_BY: "pulumi"}, "annotations": {PATCH_MANAGER: "billing"}},
        "another Pulumi program, field manager billing",
    ),
    "another-program-by-default": (
        "pulumi-kubernetes-0a1b2c3d",
        {"labels": {MANAGED_BY: "pulumi"}},
        "another Pulumi program, field manager pulumi-kubernetes-0a1b2c3d",
    ),
}
"""By the name of the case: the field manager, the marks, and the owner. All are to become part of the stack `test`."""

NOBODYS: dict[str, tuple[str, Object]] = {
    "no-marks": ("kubectl-edit", {}),
    "its-own-stack": (
        "ack-platform",
        {"labels": {**OURS, INSTANCE: "test"}, "annotations": {PATCH_MANAGER: "ack-platform"}},
    ),
    "copied-from-argo": (
        "kubectl-create",
        {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:elsewhere/{name}"}},
    ),
    "copied-from-a-stack": (
        "kubectl-create",
        {"labels": {**OURS, INSTANCE: "uat"}, "annotations": {PATCH_MANAGER: "ack-platform"}},
    ),
    "copied-from-a-program": (
        "kubectl-create",
        {"labels": {MANAGED_BY: "pulumi"}, "annotations": {PATCH_MANAGER: "billing"}},
    ),
    "the-common-label": ("kubectl-create", {"labels": {INSTANCE: "web"}}),
    "owned-and-not-controlled": ("kubectl-create", {"ownerReferences": [{**OPERATOR, "controller": False}]}),
}


@pytest.fixture(scope="module")
def deployments(api: Api, kubeconfig: Path) -> dict[str, Object]:
    """A Deployment for each case, written by its manager on the API server, and read as an adoption does."""
    made = api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "kept-"}})
    namespace = made["metadata"]["name"]
    (plain,) = (
        each for each in guide_objects(namespace) if (each["kind"], each["metadata"]["name"]) == ("Deployment", "admin")
    )
    plain["spec"]["replicas"] = 0
    kept = {name: (manager, marks) for name, (manager, marks, _) in KEPT.items()}
    for name, (manager, marks) in {**kept, **NOBODYS}.items():
        stated = copy.deepcopy(plain)
        filled = {
            key: {each: text.format(namespace=namespace, name=name) for each, text in value.items()}
            if isinstance(value, dict)
            else value
            for key, value in marks.items()
        }
        stated["metadata"] = {"name": name, "namespace": namespace, **filled}
        api.create(stated, manager)
    found = read(kubeconfig, namespace, progress=Told())
    return {each["metadata"]["name"]: each for each in found.deployments}


@pytest.mark.parametrize("name", KEPT)
def test_whoever_keeps_a_deployment_is_named(deployments: dict[str, Object], name: str) -> None:
    owner = owner_of(deployments[name], "test")
    assert owner is not None
    assert owner.endswith(KEPT[name][2])


@pytest.mark.parametrize("name", NOBODYS)
def test_what_only_looks_kept_is_nobodys(deployments: dict[str, Object], name: str) -> None:
    assert owner_of(deployments[name], "test") is None


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_of_the_guides_cluster_is_kept_by_anybody(
    guide: GuideCluster, kubeconfig: Path, environment: str
) -> None:
    found = read(kubeconfig, environment, progress=Told())
    objects = [*found.deployments, *found.services, *found.ingresses, *found.autoscalers, *found.claims]
    assert len(objects) == len(guide.api.objects("apps/v1", "Deployment", environment)) + 3 + 3 + 1 + 1
    assert [each["metadata"]["name"] for each in objects if owner_of(each, environment)] == []
