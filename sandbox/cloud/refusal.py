"""How the cloud says no."""

from typing import Any


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the cloud, not a defect
    """The cloud refused a call; the text is what the real provider would print."""


class NotReady(Exception):  # noqa: N818 - as above
    """The object exists and does not become ready, as when the real provider gives up waiting for it.

    Attributes:
        id: the object's id.
        properties: its outputs so far.
        reasons: what its events would say.
    """

    def __init__(self, identity: str, properties: dict[str, Any], reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.id = identity
        self.properties = properties
        self.reasons = reasons


def still_there(finalizer: str, reason: str) -> Refusal:
    """Return what the provider says of a deletion that does not end: the wait, its warning, and who holds the object.

    The last is not the provider's: it is what the object's events and users would show.
    """
    return Refusal(
        f"timed out waiting for the condition\nfinalizers might be preventing deletion ({finalizer})\n{reason}"
    )
