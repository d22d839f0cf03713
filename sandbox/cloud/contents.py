"""What exists in the cloud: one file of JSON lines, kept between commands.

The first line is a header, each further one an entry or the removal of one. Every change is appended at once, so that a
process that is killed loses nothing that it answered; a line cut short by the kill is dropped. A normal end (`close`)
writes the file anew, without what is gone. New contents appear as a whole (`save`). One process at a time may change a
file; one that changes nothing writes nothing.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any, Self

_FORMAT = 1


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
        self._users: dict[str, set[str]] = defaultdict(set)
        self._journal: IO[str] | None = None
        self._sequence = 0
        self._changed = self._torn = False
        self.is_new = not path.exists()
        if not self.is_new:
            self._load()

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
            self._place(entry)
            self._append({"put": _fields(entry)})

    def remove(self, kind: str, identity: str) -> bool:
        """Take an entry away; tell whether it was there."""
        with self._lock:
            if self._entries[kind].get(identity) is None:
                return False
            self._displace(kind, identity)
            self._append({"remove": [kind, identity]})
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

    @property
    def next_version(self) -> int:
        """The resource version of the next change: a number that only grows."""
        return self._sequence + 1

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

    def disown(self, stack: str) -> None:
        """Let everything that a stack created be as what was there before it."""
        with self._lock:
            for entry in [each for each in self if _stack(each.urn) == stack]:
                self.put(replace(entry, urn=""))

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter([entry for _, entries in sorted(self._entries.items()) for _, entry in sorted(entries.items())])

    def save(self) -> None:
        """Write the whole file anew, at once and as a whole."""
        with self._lock:
            self._end_journal()
            lines: list[dict[str, Any]] = [{"format": _FORMAT, "sequence": self._sequence}]
            lines += [{"put": _fields(entry)} for entry in self]
            partial = self._path.with_name(self._path.name + ".partial")
            partial.write_text("".join(map(_line, lines)), encoding="utf-8")
            partial.replace(self._path)
            self.is_new = self._changed = self._torn = False

    def close(self) -> None:
        """End; what was changed is written anew, in order."""
        with self._lock:
            if self._changed:
                self.save()
            self._end_journal()

    def _append(self, line: dict[str, Any]) -> None:
        self._sequence += 1
        self._changed = True
        if self.is_new:
            return  # nothing is on disk before `save`
        if self._torn:
            self.save()  # nothing can be appended to half a line
            return
        if self._journal is None:
            self._journal = self._path.open("a", encoding="utf-8")
        self._journal.write(_line({"at": self._sequence, **line}))
        self._journal.flush()

    def _end_journal(self) -> None:
        if self._journal:
            self._journal.close()
        self._journal = None

    def _place(self, entry: Entry) -> None:
        self._displace(entry.type, entry.id)
        self._entries[entry.type][entry.id] = entry
        for used in entry.uses:
            self._users[used].add(entry.key)

    def _displace(self, kind: str, identity: str) -> None:
        entry = self._entries[kind].pop(identity, None)
        for used in entry.uses if entry else ():
            self._users[used].discard(key(kind, identity))

    def _load(self) -> None:
        text = self._path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        try:
            header, *changes = map(json.loads, whole.split("\n")[:-1])
            if header["format"] != _FORMAT:
                raise ValueError(f"format {header['format']}")  # noqa: TRY301 - the same report as for any other damage
            self._sequence = header["sequence"]
            for change in changes:
                self._sequence = change.get("at", self._sequence)
                if "put" in change:
                    self._place(Entry(**{**change["put"], "uses": tuple(change["put"]["uses"])}))
                else:
                    self._displace(*change["remove"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self._path}: not the contents of a sandbox cloud ({error}); remove the file") from None
        self._torn = whole != text


def _fields(entry: Entry) -> dict[str, Any]:
    return {each.name: getattr(entry, each.name) for each in fields(entry)}  # asdict copies every object deeply


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n"


def _stack(urn: str) -> str:
    return urn.removeprefix("urn:pulumi:").partition("::")[0] if urn else ""
