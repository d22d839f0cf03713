"""Requests and limits of the application's container."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject


def _edit(subject: Subject) -> Edit:
    return Edit(dropped=[subject.of_container("resources")])


def _first(subject: Subject) -> Iterator[str]:
    if "ephemeral-storage" in (subject.container.get("resources") or {}).get("limits", {}):
        return
    limit = subject.service.resources.limits.ephemeral_storage
    look = f"{subject.kubectl} exec {subject.deployment} -c {subject.container_name} -- du -sxh /"
    yield f"local disk gets a limit of {limit} beside the image, above which a pod is evicted; to see the use: {look}"


REQUESTS = Item(
    "requests",
    "without requests the scheduler reserves the whole limit, or a LimitRange's default, or nothing: nodes stand idle"
    " or are overbooked, and pods without them are the first to be evicted",
    "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    _edit,
    first=_first,
)
