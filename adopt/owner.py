"""Who keeps an object as it is: Helm, Argo CD, an operator or another stack would undo whatever this one writes."""

from __future__ import annotations

from collections.abc import Mapping

from adopt.snapshot import Object
from components.manifests.metadata import FIELD_MANAGER, MANAGED

_ARGO_CD = "argocd.argoproj.io/"
_TRACKING = f"{_ARGO_CD}tracking-id"
_INSTANCE = "app.kubernetes.io/instance"
_TERRAFORM = ("Terraform", "HashiCorp")
(_PATCH_MANAGER,) = MANAGED


def owner_of(live: Object, environment: str) -> str | None:
    """Who keeps an object, in words that name the release, application or stack; None if nobody does.

    What this program owns for the same environment is nobody else's: an adoption may run again. Marks that came with a
    copied manifest are nobody's either, where the owner's own rule tells them: Argo CD's tracking id names its object,
    and a Pulumi program is among the field managers.

    Args:
        live: The object, with its managed fields.
        environment: The name of the environment that it is to become part of.
    """
    metadata = live["metadata"]
    marks, notes = dict(metadata.get("labels") or {}), dict(metadata.get("annotations") or {})
    managers = [str(each.get("manager")) for each in metadata.get("managedFields") or ()]
    return (
        _flux(marks)  # before Helm, which it drives
        or _argo_cd(live, marks, notes, managers)  # before Helm, whose charts it renders
        or _helm(marks, notes)
        or _controller(live)
        or _stack(marks, notes, managers, environment)
        or next((f"Terraform, field manager {each}" for each in managers if each in _TERRAFORM), None)
    )


def _flux(marks: Mapping[str, str]) -> str | None:
    """Source: https://fluxcd.io/flux/faq/#what-is-the-behavior-of-kustomize-used-by-flux."""
    for toolkit, kind in (("kustomize", "Kustomization"), ("helm", "HelmRelease")):
        if name := marks.get(f"{toolkit}.toolkit.fluxcd.io/name"):
            return f"Flux, {kind} {name}"
    return None


def _argo_cd(live: Object, marks: Mapping[str, str], notes: Mapping[str, str], managers: list[str]) -> str | None:
    """Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/."""
    application, _, tracked = notes.get(_TRACKING, "").partition(":")
    itself = f"{live['metadata'].get('namespace', '')}/{live['metadata']['name']}"
    if tracked.rpartition(":")[2] == itself:
        return f"Argo CD, application {application}"
    if application:  # copied from another object
        return None
    known = any(key.startswith(_ARGO_CD) for key in (*marks, *notes))
    if known or any(each.startswith("argocd-") for each in managers):
        named = marks.get(f"{_ARGO_CD}instance") or marks.get(_INSTANCE)
        return f"Argo CD, application {named or 'unknown'}"
    return None


def _helm(marks: Mapping[str, str], notes: Mapping[str, str]) -> str | None:
    """Source: https://helm.sh/docs/chart_best_practices/labels/."""
    release, namespace = notes.get("meta.helm.sh/release-name"), notes.get("meta.helm.sh/release-namespace")
    if release or marks.get("app.kubernetes.io/managed-by") == "Helm":
        place = f" in the namespace {namespace}" if namespace else ""
        return f"Helm, release {release or marks.get(_INSTANCE, 'unknown')}{place}"
    return None


def _controller(live: Object) -> str | None:
    """An operator, as https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ says."""
    for reference in live["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            return f"the {reference['kind']} {reference['name']}"
    return None


def _stack(marks: Mapping[str, str], notes: Mapping[str, str], managers: list[str], environment: str) -> str | None:
    """Another stack of this program, or another Pulumi program: one that is alive has fields of its own."""
    manager = notes.get(_PATCH_MANAGER)
    instance = marks.get(_INSTANCE)
    ours = FIELD_MANAGER in managers and marks.get("app.kubernetes.io/part-of") == FIELD_MANAGER
    if ours and instance != environment:
        return f"another stack of this program, environment {instance}"
    others = [each for each in managers if each.startswith("pulumi-") or (each == manager and each != FIELD_MANAGER)]
    if others and not ours:
        return f"another Pulumi program, field manager {others[0]}"
    return None
