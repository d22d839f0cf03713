"""The NAS volume, its mount and the port by the program's own names, and volumes merged instead of listed whole."""

from __future__ import annotations

from improvements.edit import Edit
from improvements.fragment import DIRECTIVE, Field
from improvements.improvement import Item
from improvements.subject import POD, Subject


def _edit(subject: Subject) -> Edit:
    listed = (*POD, "volumes")
    claim = subject.settings.claim
    volumes = [
        str(each["name"])
        for each in subject.pod.get("volumes") or ()
        if (each.get("persistentVolumeClaim") or {}).get("claimName") == claim
    ]
    dropped: list[Field] = []
    if subject.service.nas is not None:
        dropped += [(*listed, each) for each in volumes]
        dropped += [subject.of_container("volumeMounts", subject.settings.data_dir(subject.name))]
    dropped += [(*listed, DIRECTIVE), (*POD, "$setElementOrder/volumes")]
    dropped += [subject.of_container("$setElementOrder/volumeMounts"), subject.of_container("volumeMounts", DIRECTIVE)]
    return Edit(dropped=[*dropped, subject.of_container("ports", str(subject.service.port), "name")])


VOLUMES = Item(
    "volumes",
    "none by itself: while the patch lists the volumes whole, no other improvement can add one",
    "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/",
    _edit,
)
