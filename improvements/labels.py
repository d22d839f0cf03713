"""The labels that the program's objects carry, without and with those of the pods."""

from __future__ import annotations

from components.manifests.metadata import service_labels
from config.checks.labels import reserved_label
from config.patch import KINDS
from improvements.edit import Edit
from improvements.fragment import Field
from improvements.improvement import Item
from improvements.subject import Subject

_POD_LABELS: Field = ("deployment", "spec", "template", "metadata", "labels")


def _of_objects(subject: Subject) -> Edit:
    written = set(service_labels(subject.settings, subject.name))
    dropped: list[Field] = [(role, "metadata", "labels", key) for role in KINDS for key in sorted(written)]
    dropped += [
        (role, "metadata", key) for role in KINDS for key in ("labels",) if (role, "metadata", key) in subject.patched
    ]
    settings: dict[tuple[str, ...], object] = {}
    for role, manifest in subject.objects.items():
        for key, value in (manifest["metadata"].get("labels") or {}).items():
            field = (_KEYS.get(role, role), "metadata", "labels", key)
            if field in subject.patched and key not in written and not reserved_label(key):
                settings["labels", key] = value
                dropped.append(field)
    return Edit(settings, dropped)


def _of_pods(subject: Subject) -> Edit:
    return Edit(dropped=[(*_POD_LABELS, key) for key in service_labels(subject.settings, subject.name)])


_KEYS = {
    "disruption-budget": "disruptionBudget",
    "network-policy": "networkPolicy",
    "service-account": "serviceAccount",
}

LABELS = Item(
    "labels",
    "nobody can select what belongs to a service or an environment, so a command by label hits too little or too much",
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
    _of_objects,
)
POD_LABELS = Item(
    "pod-labels",
    "logs, metrics and network policies that choose by the common labels miss the pods",
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
    _of_pods,
)
