"""A digest or a unique tag in place of a tag that moves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from improvements.edit import Edit
from improvements.fragment import Field
from improvements.improvement import Item
from improvements.subject import Subject

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ROLLOUT: Field = ("deployment", "spec", "template", "metadata", "annotations", "ack-platform/rollout")


def _edit(subject: Subject) -> Edit:
    image = subject.service.image
    fields = [_ROLLOUT, subject.of_container("image"), subject.of_container("imagePullPolicy")]
    told = subject.told.get("image")
    if not image.moves:
        return Edit(dropped=fields)
    if told is None:
        return Edit(
            dropped=fields,
            needs="name the image that is to run: --apply image=sha256:… or image=TAG, of a tag that is built once",
        )
    named = {"digest": told} if _DIGEST.fullmatch(told) else {"tag": told}
    settings: dict[tuple[str, ...], object] = {
        ("image", "tag"): named.get("tag", image.tag),
        ("image", "digest"): named.get("digest"),
        ("image", "rollout"): None,
        ("imagePullPolicy",): None,
    }
    return Edit(settings, fields)


def _blocked(_before: Subject, after: Subject) -> Iterator[str]:
    if after.service.image.moves:
        yield f"the tag {after.service.image.tag} moves too: a digest, or a tag that is built once"


def _first(subject: Subject) -> Iterator[str]:
    if subject.service.image.moves:
        path = "{.items[*].status.containerStatuses[*].imageID}"
        yield f"what runs now, by digest: {subject.kubectl} get pods -o jsonpath='{path}' -l {_selector(subject)}"


def _selector(subject: Subject) -> str:
    labels = subject.objects["deployment"]["spec"]["selector"]["matchLabels"]
    return ",".join(f"{key}={value}" for key, value in labels.items())


IMAGE = Item(
    "image",
    "a tag that moves may be another image at every restart: pods of one service differ, no rollback brings the old one"
    " back, and every other improvement that restarts pods is a release too",
    "https://kubernetes.io/docs/concepts/containers/images/#image-names",
    _edit,
    _blocked,
    _first,
)
