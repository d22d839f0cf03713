"""Reading a cluster while something happens to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.cluster.api import Object


class Told:
    """Progress that does something whenever a text is said; every reading of the cluster says the same texts.

    Args:
        text: The beginning of the text; empty for nothing to do.
        act: What to do.

    Attributes:
        said: All that was said.
    """

    def __init__(self, text: str = "", act: Callable[[], object] | None = None) -> None:
        self._text, self._act = text, act
        self.said: list[str] = []

    def line(self, text: str) -> None:
        """Part of the protocol."""
        self.said.append(text)

    def live(self, text: str) -> None:
        """Act if it is the text."""
        self.said.append(text)
        if self._act is not None and text.startswith(self._text):
            self._act()


def names(objects: Iterable[Object]) -> list[str]:
    """The names of objects, in order."""
    return [each["metadata"]["name"] for each in objects]


def changed(kubeconfig: Path, folder: Path, change: Callable[[Object], object]) -> Path:
    """A copy of a kubeconfig of one cluster, one user and one context, with a change."""
    stated = json.loads(kubeconfig.read_text(encoding="utf-8"))
    change(stated)
    copy = folder / "changed.kubeconfig"
    copy.touch(mode=0o600)
    copy.write_text(json.dumps(stated), encoding="utf-8")
    return copy
