"""What a program registers, as the engine reports it: ``python -m benchmarks.recording PROJECT FILE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.stack import STACK
from sandbox.changes import Changes
from sandbox.run import Sandbox

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent


class _Recording(Changes):
    """Keeps each resource as it was registered; ``patch`` puts it where the sandbox collects an operation's events."""

    resources: list[dict[str, Any]] = []  # noqa: RUF012 -- the sandbox makes the object, so the class is what we hold

    def __call__(self, event: EngineEvent) -> None:
        super().__call__(event)
        step = event.resource_pre_event and event.resource_pre_event.metadata
        if step and step.new:
            self.resources.append(
                {
                    "operation": str(step.op.value),
                    "urn": step.urn,
                    "type": step.new.type,
                    "name": step.urn.split("::", 3)[3],
                    "id": step.new.id,
                    "parent": step.new.parent,
                    "provider": step.provider,
                    "custom": bool(step.new.custom),
                    "protect": bool(step.new.protect),
                    "inputs": step.new.inputs or {},
                }
            )


def main(project: Path, file: Path) -> None:
    """Record a preview of the project's stack and write it down, in the order of registration."""
    with patch("sandbox.run.Changes", _Recording):
        Sandbox(project, STACK).preview()
    file.write_text(json.dumps(_Recording.resources, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
