"""No variables for every Service of the namespace."""

from __future__ import annotations

from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import POD, Subject


def _edit(_subject: Subject) -> Edit:
    return Edit(dropped=[(*POD, "enableServiceLinks")])


SERVICE_LINKS = Item(
    "service-links",
    "every Service of the namespace becomes variables such as GATEWAY_PORT=tcp://…, which Spring reads as properties",
    "https://kubernetes.io/docs/tutorials/services/connect-applications-service/#accessing-the-service",
    _edit,
)
