"""A heap dump of a service: where it comes to lie, and what writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from config import StackSettings
from debugger.script import script
from debugger.target import Object, Target

_WRITTEN = re.compile(r"written: (\d+) bytes")
_SCRIPT = "heapdump.sh"


class HeapDump:
    """One dump of one pod.

    The same directory as the start script's own dumps have, so that the log retention knows it.

    Args:
        settings: the stack's settings.
        service: a service with a directory on the NAS.
        target: its container.

    Attributes:
        path: the file, as the service sees it.
        below: the same, below DATA_DIR.
    """

    def __init__(self, settings: StackSettings, service: str, target: Target) -> None:
        self._settings, self._target = settings, target
        self._data_dir = settings.data_dir(service)
        self._moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._folder = f"dumps/{target.pod}"
        self.below = f"{self._folder}/heapdump-{self._moment}.hprof"
        self.path = f"{self._data_dir}/{self.below}"

    def container(self, image: str) -> Object:
        """The ephemeral container that writes it."""
        folder, _, file = self.path.rpartition("/")
        command = ["sh", "-c", script(_SCRIPT), _SCRIPT, self._data_dir, folder, file]
        return self._target.companion(f"heapdump-{self._moment.lower()}", image, command)


def size(lines: list[str]) -> int | None:
    """How many bytes were written, by what the container said last; None where it said something else."""
    found = _WRITTEN.fullmatch(lines[-1]) if lines else None
    return int(found[1]) if found else None
