"""What stands between a state and the next `pulumi up`: somebody's lock, and operations that were never confirmed.

The engine names the owners of a lock when it refuses to begin, in every kind of store; nothing lists them before. A
job that was killed leaves both: the lock, and the operation in whose middle it was. `pulumi up` would go on past the
second with a warning, and create a second time what may be there.

Source: https://www.pulumi.com/docs/iac/support/troubleshooting/common-issues/interrupted-updates/
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

READY, REFUSED, LOCKED, PENDING = 0, 1, 75, 76
"""Exit codes: nothing is in the way; what was read is not what it must be; a lock; operations that are pending."""

_LOCK = re.compile(r"created by (?P<user>[^\s@]+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
_KUBERNETES = "kubernetes:"


@dataclass(frozen=True)
class Lock:
    """Who holds a stack."""

    user: str
    """The user."""
    host: str
    """The name of the machine."""
    pid: int
    """The process."""
    since: str
    """Since when, as the engine says it."""

    @property
    def gone(self) -> bool:
        """Whether the process was one of this machine and has ended. Of another machine nobody here can tell."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def __str__(self) -> str:
        here = self.host == socket.gethostname()
        owner = "gone: this machine has no such process" if self.gone else "at work" if here else "not known here"
        return f"  by     {self.user}@{self.host}, process {self.pid}\n  since  {self.since}\n  owner  {owner}"


def locks(said: str) -> list[Lock]:
    """The locks that the engine names where it refuses to begin; none where it refused for another reason."""
    if "the stack is currently locked by" not in said:
        return []
    found = (match.groupdict() for match in _LOCK.finditer(said))
    return [Lock(each["user"], each["host"], int(each["pid"]), each["since"]) for each in found]


@dataclass(frozen=True)
class Pending:
    """An operation that began and was never confirmed."""

    doing: str
    """``creating``, ``updating``, ``deleting``, ``reading`` or ``importing``."""
    urn: str
    """The resource."""
    type: str
    """Its type."""
    id: str | None
    """What the provider calls it; None where only the provider can say."""
    look: str
    """How to see whether it is there."""

    @property
    def creates(self) -> bool:
        """Whether the engine would create it a second time."""
        return self.doing == "creating"


def pending(export: Mapping[str, Any]) -> list[Pending]:
    """The operations that are pending in what `pulumi stack export` writes."""
    return [_pending(each) for each in export["deployment"].get("pending_operations") or []]


def _pending(operation: Mapping[str, Any]) -> Pending:
    resource = operation["resource"]
    kind, known = str(resource["type"]), resource.get("id") or None
    inputs = resource.get("inputs") or {}
    metadata = inputs.get("metadata") or {}
    look = "the console of Alibaba Cloud"
    if kind.startswith(_KUBERNETES) and "name" in metadata:
        name, namespace = metadata["name"], metadata.get("namespace")
        known = known or (f"{namespace}/{name}" if namespace else name)
        look = f"kubectl get {kind.rpartition(':')[2].lower()} {name}{f' -n {namespace}' if namespace else ''}"
    elif kind.startswith("pulumi:"):
        look = "nowhere: it is only in the state"
    return Pending(str(operation["type"]), str(resource["urn"]), kind, known, look)


def said_of_locks(stack: str, found: Sequence[Lock]) -> str:
    """What to tell people where a stack is locked."""
    gone = all(each.gone for each in found)
    does = (
        f"its owner was killed. `pulumi cancel --stack {stack}` gives it back, or run this step with --release"
        if gone
        else f"wait for it to end. Once you looked there and nobody works: `pulumi cancel --stack {stack}`"
    )
    return "\n".join([f"{stack}: locked; nothing was changed", *map(str, found), f"  do     {does}"])


def said_of_pending(stack: str, found: Sequence[Pending]) -> str:
    """What to tell people where operations are pending."""
    number = "1 operation began and was" if len(found) == 1 else f"{len(found)} operations began and were"
    lines = [f"{stack}: {number} never confirmed; `pulumi up` would create a second time what is there already"]
    for each in found:
        lines.append(f"  {each.doing}  {each.urn}")
        if each.creates:
            where = quote(each.id) if each.id else "ITS_ID"
            words = f"--import-pending-creates {quote(each.urn)} --import-pending-creates {where}"
            lines += [f"    look      {each.look}", f"    if there  pulumi refresh --stack {stack} {words}"]
    last = f"pulumi refresh --stack {stack} --clear-pending-creates"
    return "\n".join(
        [*lines, f"  at last   {last}", "            forgets creations that left nothing, and reads the rest"]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read what the engine said, and tell what it means."""
    parser = argparse.ArgumentParser("python -m pipelines.state", description=main.__doc__)
    parser.add_argument("what", choices=("locks", "pending"))
    parser.add_argument("stack")
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    text = given.file.read_text(encoding="utf-8")
    if given.what == "locks":
        held = locks(text)
        if held:
            print(said_of_locks(given.stack, held), file=sys.stderr)  # noqa: T201 - what a step of a pipeline says
        return LOCKED if held and not all(each.gone for each in held) else READY
    try:
        found = pending(json.loads(text))
    except (ValueError, KeyError, TypeError):
        print(f"{given.stack}: `pulumi stack export` wrote something that is no state", file=sys.stderr)  # noqa: T201 - see above
        return REFUSED
    if found:
        print(said_of_pending(given.stack, found), file=sys.stderr)  # noqa: T201 - see above
    return PENDING if found else READY


if __name__ == "__main__":
    sys.exit(main())
