"""What an adoption tells people: one line for each object and field, and one report where it must not go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from adopt.snapshot import Object

Outcome = Literal["adopted", "given", "left alone", "not expressible", "to be filled in", "differs", "contradicts"]
"""``adopted``: the program owns it from now on. ``given``: the stack names it and never writes it. ``left alone``: the
stack does not know it. ``not expressible``: no setting says it, a service's ``patch`` keeps it as it is. ``to be filled
in``: the cluster does not tell it, and the stack file has a placeholder. ``differs``: the cloud account says otherwise
than the cluster; nothing waits for it. ``contradicts``: the stack file says otherwise, or applying would change it;
nothing is taken over until that is settled."""


@dataclass(frozen=True)
class Finding:
    """One line of the table."""

    outcome: Outcome
    """What becomes of it."""
    subject: str
    """The object, or the setting: ``Deployment/gateway``, ``services.gateway``, ``cluster.id``."""
    field: str = ""
    """The exact field of the object; empty for the object as a whole."""
    note: str = ""
    """Why, and the nearest setting or what to do; never a secret."""


class AdoptError(Exception):
    """An adoption cannot go on; the text is the complete report. Nothing was written and nothing was changed."""

    def __init__(self, subject: str, reasons: Iterable[str]) -> None:
        listed = list(dict.fromkeys(reasons))
        super().__init__("\n".join([f"{subject}; nothing was changed.", *(f"  {each}" for each in listed)]))


def named(live: Object) -> str:
    """``Deployment/gateway``."""
    return f"{live['kind']}/{live['metadata']['name']}"


def annotations_of(live: Object) -> dict[str, str]:
    """An object's annotations."""
    return dict(live["metadata"].get("annotations") or {})


def labels_of(live: Object) -> dict[str, str]:
    """An object's labels."""
    return dict(live["metadata"].get("labels") or {})
