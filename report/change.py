"""What a step does to those who are served: from nothing at all to data that is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from components.manifests.ingress import PREFIX
from report.difference import Difference, differences
from report.exposure import Exposure, exposures
from report.rollout import Rollout, rollout
from report.steps import SECRET, Step
from report.words import TEMPLATE, dotted, reasons, tag, valued, variables


class Impact(IntEnum):
    """How bad a change is; a greater one is worse."""

    NONE = 0
    IN_PLACE = 1
    """An object changes, and no pod notices."""
    SCALE = 2
    """Pods come or go; none is replaced."""
    NEW = 3
    REMOVED = 4
    """It left the stack file, and with it goes what served it."""
    RESTART = 5
    """Every pod is replaced, one after the other."""
    DOWNTIME = 6
    """Something is gone for a while, or for good, while it is still wanted."""
    DATA_LOSS = 7

    @property
    def words(self) -> str:
        """The impact for people."""
        return _WORDS[self]


VARIABLES = "environment variables"
"""The reason of a restart for other environment variables."""
_WORDS = {
    Impact.NONE: "none",
    Impact.IN_PLACE: "changed in place",
    Impact.SCALE: "scale",
    Impact.NEW: "new",
    Impact.REMOVED: "removed",
    Impact.RESTART: "rolling restart",
    Impact.DOWNTIME: "downtime",
    Impact.DATA_LOSS: "data loss",
}
_HOLDING = {"Namespace", "PersistentVolume", "PersistentVolumeClaim", "FileSystem"}
"""Kinds that go with the data in them."""
_HARMLESS = {
    "ConfigMap",
    "ServiceAccount",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Role",
    "RoleBinding",
    "CronJob",
    "ResourceQuota",
    "LimitRange",
}
"""Kinds whose object may be missing for a moment."""
_LABELS = "matchLabels"
_UNCHANGED = {"same", "read", "refresh"}
_GONE = {"delete", "discard"}


@dataclass(frozen=True)
class Change:
    """What one step does."""

    impact: Impact
    why: tuple[str, ...] = ()
    """In words, the field that makes it so."""
    also: tuple[str, ...] = ()
    """What changes besides."""
    variables: tuple[str, ...] = ()
    """Environment variables by name, with ``+``, ``-`` or ``~``."""
    exposure: tuple[Exposure, ...] = ()
    """What can be reached from now on, or no longer."""
    rollout: Rollout | None = None
    """How long the rolling restart takes."""
    replaced: bool = False
    """Whether something that serves or holds data is deleted and made anew."""


def change(step: Step, *, pods: int | None, owner_goes: bool, owner_is_new: bool, intranet: bool) -> Change | None:
    """Judge a step.

    Args:
        step: the step.
        pods: how many pods its service runs afterwards; None where the preview does not say it.
        owner_goes: whether the component that it belongs to left the stack.
        owner_is_new: whether that component is new.
        intranet: whether the ALB has no public address.

    Returns:
        None if nothing changes.
    """
    protection = _protection(step)
    if step.op in _UNCHANGED:
        return Change(Impact.IN_PLACE, also=protection) if protection else None
    opened = tuple(exposures(step, intranet=intranet))
    if step.op in _GONE:
        return _deleted(step, opened, owner_goes=owner_goes)
    if step.op == "create" or step.op.startswith("import"):
        return _created(step, opened, owner_is_new=owner_is_new)
    found = tuple(differences(step.old, step.new))
    if step.op == "replace":
        return _replaced(step, found, opened)
    return _updated(step, found, opened, protection, pods)


def _deleted(step: Step, opened: tuple[Exposure, ...], *, owner_goes: bool) -> Change:
    if step.retained:
        return Change(Impact.REMOVED, also=(f"{step.title} stays where it is, no longer managed",))
    if step.kind in _HOLDING:
        return Change(Impact.DATA_LOSS, (f"{step.title} is deleted, and what is in it",))
    if owner_goes and step.service:
        closed = tuple(Exposure(each.what, each.public) for each in opened)  # wanted: the service left the stack file
        also = () if step.kind in _HARMLESS else (f"{step.title} is deleted",)
        return Change(Impact.REMOVED, also=also, exposure=closed)
    if step.kind in _HARMLESS:
        return Change(Impact.IN_PLACE, also=(f"{step.title} is deleted",))
    return Change(Impact.DOWNTIME, (f"{step.title} is deleted",), exposure=opened)


def _created(step: Step, opened: tuple[Exposure, ...], *, owner_is_new: bool) -> Change:
    if owner_is_new:
        return Change(Impact.NEW, also=_runs(step), exposure=opened)
    if step.kind == "HorizontalPodAutoscaler":
        return Change(Impact.SCALE, (f"the autoscaler decides on {_range(step.new)} pods",))
    if step.kind == "ConfigMap":
        return Change(Impact.IN_PLACE, also=tuple(f"new file {each}" for each in sorted(step.new.get("data") or ())))
    return Change(Impact.IN_PLACE, also=(f"new {step.title}",), exposure=opened)


def _replaced(step: Step, found: Sequence[Difference], opened: tuple[Exposure, ...]) -> Change | None:
    if step.is_provider:
        ids = [each for each in found if each.path == ("clusterIdentifier",)]
        why = tuple(f"another cluster, {each.old} → {each.new}: all objects are made anew there" for each in ids)
        why = why or ("all objects are made anew, for the provider is replaced",)
        return Change(Impact.DOWNTIME, why, replaced=True)
    if step.kind == "ConfigMap" and step.renamed and (files := tuple(_files(found))):
        return Change(Impact.IN_PLACE, also=files)
    if step.kind in _HARMLESS and not step.replacing:
        return None  # it goes with what it depends on, which has a row of its own
    because = ", ".join(dict.fromkeys(map(_short, step.replacing)))
    because = f"{because} changes" if because else "what it depends on is replaced"
    if step.kind in _HOLDING:
        kept = "; the old one stays where it is, no longer managed" if step.retained else "; what is in it is lost"
        lost = Impact.DOWNTIME if step.retained else Impact.DATA_LOSS
        return Change(lost, (f"{step.title} is replaced: {because}{kept}",), replaced=True)
    if step.kind in _HARMLESS:
        return Change(Impact.IN_PLACE, also=(f"{step.title} is replaced: {because}",))
    how = "made anew, then the old one deleted" if step.renamed else "deleted, then made anew"
    why = (f"{step.title} is {how}: {because}",)
    return Change(Impact.DOWNTIME, why, variables=variables(found), exposure=opened, replaced=True)


def _updated(
    step: Step, found: Sequence[Difference], opened: tuple[Exposure, ...], protection: tuple[str, ...], pods: int | None
) -> Change | None:
    secret = tuple(f"{step.title}: secret value changes ({path})" for path in _secret_paths(step))
    if step.kind == "Deployment":
        return _deployment(step, found, opened, protection, pods)
    if step.kind == "HorizontalPodAutoscaler":
        limits = [each for each in found if each.path in {("spec", "minReplicas"), ("spec", "maxReplicas")}]
        if limits:
            return Change(Impact.SCALE, (f"the autoscaler decides on {_range(step.old)} → {_range(step.new)} pods",))
    if step.is_provider:
        found = [Difference(each.path, SECRET, SECRET) for each in found]  # a kubeconfig is nobody's business
    told = tuple(_told(step, each) for each in found if not _told_by(each, opened, step))
    also = tuple(dict.fromkeys([*told, *secret, *protection]))
    worst = Impact.DOWNTIME if any(each.gone for each in opened) else Impact.IN_PLACE
    return Change(worst, also=also, exposure=opened) if also or opened else None


def _deployment(
    step: Step, found: Sequence[Difference], opened: tuple[Exposure, ...], protection: tuple[str, ...], pods: int | None
) -> Change | None:
    template = [each for each in found if each.below(*TEMPLATE)]
    others = [each for each in found if not each.below(*TEMPLATE)]
    scaled = [each for each in others if each.path == ("spec", "replicas")]
    also = tuple(_told(step, each) for each in others if each not in scaled)
    scale = tuple(valued("replicas", each) for each in scaled if each.kind == "changed")
    if template:
        changed = variables(template)
        why = (*reasons(template), *([VARIABLES] if changed else []))
        more = (*scale, *also, *protection)
        return Change(Impact.RESTART, why, more, changed, opened, rollout(step.new, pods))
    if scaled:
        return Change(Impact.SCALE, scale, (*also, *protection), exposure=opened)
    also = (*also, *protection)
    return Change(Impact.IN_PLACE, also=also, exposure=opened) if also or opened else None


def _told(step: Step, difference: Difference) -> str:
    path = difference.path[1:] if difference.path[0] == "spec" else difference.path
    if _LABELS in path:
        return f"{step.title}: {dotted(path[: path.index(_LABELS)])} changed"
    return valued(f"{step.title}: {dotted(path)}", difference)


def _short(path: str) -> str:
    """A path of the engine as far as people look: ``spec.selector``."""
    return ".".join(re.split(r"[.\[]", path)[:2])


def _told_by(difference: Difference, opened: tuple[Exposure, ...], step: Step) -> bool:
    """Whether what can be reached tells it already."""
    if not opened:
        return False
    if step.kind == "Ingress":
        listens = ("metadata", "annotations", f"{PREFIX}listen-ports")
        return difference.below("spec", "rules") or difference.below("spec", "tls") or difference.path == listens
    if step.kind != "AlbConfig" or not difference.below("spec", "listeners"):
        return False
    return len(difference.path) <= 3 or difference.path[3] == "certificates"  # noqa: PLR2004 - a whole listener


def _runs(step: Step) -> tuple[str, ...]:
    """What a new Deployment runs."""
    template = ((step.new.get("spec") or {}).get("template") or {}).get("spec") or {}
    images = (each.get("image") for each in template.get("containers") or ())
    return tuple(f"image {tag(each)}" for each in images) if step.kind == "Deployment" else ()


def _files(found: Sequence[Difference]) -> Iterator[str]:
    data = [each for each in found if each.below("data")]
    yield from (f"file {each.path[1]} {each.kind}" for each in data if len(each.path) > 1)


def _secret_paths(step: Step) -> Iterator[str]:
    for path in step.paths:
        key = path.partition(".")[0].partition("[")[0]
        if step.old.get(key) == SECRET or step.new.get(key) == SECRET:
            yield path


def _protection(step: Step) -> tuple[str, ...]:
    if step.op not in {"same", "update"} or step.was_protected == step.protected:
        return ()
    return (f"{step.title} {'is protected from deletion' if step.protected else 'loses its protection'}",)


def _range(autoscaler: Mapping[str, Any]) -> str:
    spec = autoscaler.get("spec") or {}
    return f"{int(spec.get('minReplicas') or 1)} to {int(spec.get('maxReplicas') or 1)}"
