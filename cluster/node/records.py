"""What a node has on this machine outside its own namespaces, written down before it is made.

A record is removed after all that it names. One that nobody holds open any more belongs to a node whose supervisor was
killed; the next start removes what it names. Records live in `/run`: like control groups and links they do not survive
a restart of the machine.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.node import control_groups
from cluster.node.network import disconnect

RECORDS = Path("/run")
"""The folder with the records of all nodes of this machine."""

_PREFIX = "ack-platform-node-"


@dataclass(frozen=True)
class Record:
    """What to remove.

    Attributes:
        directory: The node's folder.
        cgroup: The control group of its pods.
        link: This machine's end of the link to it.
    """

    directory: str
    cgroup: str
    link: str

    @staticmethod
    def named(run: str) -> Record:
        """The record of a run."""
        name = f"ackp-{run}"
        return Record(f"{tempfile.gettempdir()}/{name}", name, name)

    def remove(self) -> None:
        """Remove all that is left; its processes have ended."""
        disconnect(self.link)
        control_groups.remove(self.cgroup)
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def recorded(record: Record) -> Iterator[None]:
    """Keep the record while the block runs, then remove what it names and the record."""
    place = RECORDS / f"{_PREFIX}{record.cgroup}.json"
    hidden = place.with_suffix(".new")  # nobody finds it before it is locked and complete
    with hidden.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump(asdict(record), file)
        file.flush()
        hidden.rename(place)
        try:
            yield
        finally:
            record.remove()
            place.unlink()


def remove_left_over() -> list[Record]:
    """Remove what nodes left behind whose supervisor was killed, and return their records."""
    found = []
    for place in sorted(RECORDS.glob(f"{_PREFIX}*.json")):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), place.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            record = Record(**json.load(file))
            record.remove()
            place.unlink()
            found.append(record)
    return found
