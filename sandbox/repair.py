"""After a command was killed: end what it left running, and make its state and its cloud agree again."""

from __future__ import annotations

import json
from collections.abc import Collection

from sandbox.cloud.contents import Contents
from sandbox.command import EngineCommand
from sandbox.place import Holder, Place
from sandbox.problem import SandboxError
from sandbox.process import end_left_over
from sandbox.progress import Progress
from sandbox.state import StackState

_PATIENCE_SECONDS = 10.0


def repair(place: Place, command: EngineCommand, broken: Holder, progress: Progress) -> None:
    """Repair the stack that a killed `up` or `down` worked on, and say in one line what was done.

    Call it with the sandbox held, so that nothing else works in it.
    """
    ended = [name for name in ("engine", "cloud") if end_left_over(place.lock(name), _PATIENCE_SECONDS)]
    found = [f"ended its {name} process" for name in ended]
    if broken.command != "preview" and place.has_stack(broken.stack):
        locks = place.state / ".pulumi" / "locks"
        if any(locks.rglob("*.json")):
            command.run(["cancel", "--yes", "--stack", broken.stack])
            found.append("removed its lock")
        state = StackState(command.run, broken.stack)
        exported = json.loads(state.export())
        deployment = exported["deployment"] or {}
        if pending := deployment.get("pending_operations"):
            count = len(pending)
            state.replace({**exported, "deployment": {**deployment, "pending_operations": []}})
            found.append(f"cleared {count} unfinished operation{'s' if count > 1 else ''}")
        known = {(item["urn"], item.get("id", "")) for item in deployment.get("resources", ())}
    else:
        known = set()
    if broken.command != "preview" and (lost := forget_unknown(place, broken.stack, known)):
        found.append(f"removed {lost} cloud object{'s' if lost > 1 else ''} that the state does not know")
    progress.line(f"{broken} was ended in the middle: {', '.join(found) or 'nothing to repair'}.")


def forget_unknown(place: Place, stack: str, known: Collection[tuple[str, str]]) -> int:
    """Take out of the cloud what a stack created and its state does not know.

    Args:
        place: The sandbox, with no cloud process at work.
        stack: The stack.
        known: URN and id of each resource in its state.

    Returns:
        How many objects were taken out.
    """
    if not place.contents.exists():
        return 0
    contents = _opened(place)
    lost = contents.keep_only(stack, known)
    contents.close()
    return len(lost)


def disown(place: Place, stack: str) -> None:
    """Let everything that a stack created belong to nobody: no later command takes it for a left-over of that stack.

    Args:
        place: The sandbox, with no cloud process at work.
        stack: The stack.
    """
    contents = _opened(place)
    contents.disown(stack)
    contents.close()


def _opened(place: Place) -> Contents:
    try:
        return Contents(place.contents)
    except ValueError as error:
        raise SandboxError(str(error)) from None
