"""What exists in the cloud: one JSON file, one line an object, kept between commands.

The file is replaced as a whole, by a thread of its own: at once when the cloud was quiet, else after a pause of 100 ms
or ten times the last writing time, whichever is longer, so that writing takes a tenth of the time at most. A normal end (`close`) loses
nothing; a killed process loses at most that pause. One process at a time writes a file; a process that changed nothing writes nothing.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

_FORMAT = 1
_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that exists.

    Attributes:
        type: ``kubernetes:apps/Deployment``, ``alicloud:nas/fileSystem``.
        id: the provider's id, unique within the type.
        urn: the engine's name of the resource that created it; empty for what was there before.
        object: its properties, secrets as digests.
        uses: keys of what it needs while it exists.
        demand: what it takes from the quotas of its namespace, in thousandths.
    """

    type: str
    id: str
    object: dict[str, Any]
    urn: str = ""
    uses: tuple[str, ...] = ()
    demand: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The entry's name in the whole cloud."""
        return key(self.type, self.id)


def key(kind: str, identity: str) -> str:
    """Return the name in the whole cloud of the thing of a type with an id."""
    return f"{kind}::{identity}"


class Contents:
    """The cloud's objects, by type and id. Hold it (``with contents:``) for steps that belong together."""

    def __init__(self, path: Path) -> None:
        """Open a contents file; a missing one is an empty cloud (`is_new`).

        Raises:
            ValueError: the file is not a contents file.
        """
        self._path = path
        self._lock = threading.RLock()
        self._entries: dict[str, dict[str, Entry]] = defaultdict(dict)
        self._lines: dict[str, str] = {}
        self._users: dict[str, set[str]] = defaultdict(set)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._changed = False
        self._sequence = 0
        self.is_new = not path.exists()
        if not self.is_new:
            self._load()
            self._changed = False
            self._wake.clear()
        self._writer = threading.Thread(target=self._write_when_changed, name="contents", daemon=True)
        self._writer.start()

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def get(self, kind: str, identity: str) -> Entry | None:
        """Return one entry, or None."""
        return self._entries[kind].get(identity)

    def find(self, name: str) -> Entry | None:
        """Return the entry with a key, or None."""
        kind, _, identity = name.partition("::")
        return self.get(kind, identity)

    def of_type(self, kind: str) -> list[Entry]:
        """Return all entries of a type, by id."""
        with self._lock:
            return [entry for _, entry in sorted(self._entries[kind].items())]

    def users(self, name: str, kind: str) -> list[Entry]:
        """Return the entries of a type that use the one with a key."""
        with self._lock:
            found = (self.find(user) for user in sorted(self._users.get(name, ())) if user.startswith(f"{kind}::"))
            return [entry for entry in found if entry]

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one with its key."""
        with self._lock:
            self._forget_uses(entry.key)
            self._entries[entry.type][entry.id] = entry
            for used in entry.uses:
                self._users[used].add(entry.key)
            self._lines[entry.key] = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True)
            self._mark_changed()

    def remove(self, kind: str, identity: str) -> bool:
        """Take an entry away; tell whether it was there."""
        with self._lock:
            if self._entries[kind].pop(identity, None) is None:
                return False
            self._forget_uses(key(kind, identity))
            self._lines.pop(key(kind, identity))
            self._mark_changed()
            return True

    def within(self, namespace: str) -> list[Entry]:
        """Return everything in a Kubernetes namespace."""
        with self._lock:
            return [
                entry
                for kind, entries in self._entries.items()
                if kind.startswith("kubernetes:")
                for identity, entry in entries.items()
                if identity.startswith(f"{namespace}/")
            ]

    def next_version(self) -> int:
        """Return the next resource version: a number that only grows."""
        with self._lock:
            self._sequence += 1
            return self._sequence

    def keep_only(self, stack: str, known: Collection[tuple[str, str]]) -> list[Entry]:
        """Take away what a stack created and its state does not know: left-overs of a run that was killed.

        Args:
            stack: the stack's name, the part between ``urn:pulumi:`` and the next ``::`` of its resources' URNs.
            known: URN and id of every resource in the stack's state.

        Returns:
            What was taken away.
        """
        with self._lock:
            lost = [entry for entry in self if _stack(entry.urn) == stack and (entry.urn, entry.id) not in known]
            for entry in lost:
                self.remove(entry.type, entry.id)
            return lost

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter([entry for _, entries in sorted(self._entries.items()) for _, entry in sorted(entries.items())])

    def close(self) -> None:
        """Write what is not written yet and stop."""
        self._stop.set()
        self._wake.set()
        self._writer.join()
        if self._changed:
            self._write()

    def _mark_changed(self) -> None:
        self._changed = True
        self._wake.set()

    def _forget_uses(self, name: str) -> None:
        entry = self.find(name)
        for used in entry.uses if entry else ():
            self._users[used].discard(name)

    def _load(self) -> None:
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                raise ValueError(f"format {document['format']}")
            self._sequence = document["sequence"]
            for item in document["objects"]:
                self.put(Entry(**{**item, "uses": tuple(item["uses"])}))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self._path}: not the contents of a sandbox cloud ({error}); remove the file") from None

    def _write_when_changed(self) -> None:
        while True:
            self._wake.wait()
            if self._stop.is_set():
                return
            started = time.monotonic()
            self._write()
            self._stop.wait(max(_PAUSE, 10 * (time.monotonic() - started)))

    def _write(self) -> None:
        with self._lock:
            self._wake.clear()
            self._changed = False
            lines = [line for _, line in sorted(self._lines.items())]
            sequence = self._sequence
        text = f'{{"format": {_FORMAT}, "sequence": {sequence}, "objects": [\n' + ",\n".join(lines) + "\n]}\n"
        partial = self._path.with_name(self._path.name + ".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._path)


def _stack(urn: str) -> str:
    return urn.removeprefix("urn:pulumi:").partition("::")[0] if urn else ""
