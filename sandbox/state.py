"""A stack's state, read and written through the engine's own command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from sandbox.command import Done
from sandbox.problem import SandboxError


class Run(Protocol):
    """Runs one engine command to its end; `EngineCommand.run` is one."""

    def __call__(self, arguments: Sequence[str], *, stdin: str | None = None) -> Done:
        """Run it with what follows `pulumi`."""


class StackState:
    """The state of one stack.

    Args:
        run: Runs engine commands.
        stack: The stack.
    """

    def __init__(self, run: Run, stack: str) -> None:
        self._run = run
        self._stack = stack

    def export(self) -> str:
        """The state as JSON, its secrets encrypted; the same state gives the same bytes.

        Raises:
            SandboxError: It cannot be read.
        """
        done = self._run(["stack", "export", "--stack", self._stack])
        if done.code != 0:
            raise SandboxError(f"The state of the stack {self._stack} cannot be read: {done.error}")
        return done.stdout.rstrip("\n") + "\n"

    def replace(self, document: dict[str, Any]) -> None:
        """Put another state in its place, as a whole: the engine writes it at once, and holds the stack's lock for it.

        Raises:
            SandboxError: It was not written.
        """
        done = self._run(["stack", "import", "--stack", self._stack], stdin=json.dumps(document))
        if done.code != 0:
            raise SandboxError(f"The state of the stack {self._stack} cannot be written: {done.error}")

    def drop(self, exported: str) -> None:
        """Take every resource out of the state. No provider is started, so nothing in the cloud can change.

        Args:
            exported: What `export` has returned, and somebody has kept.

        Raises:
            SandboxError: The state is another one by now, or it was not written.
        """
        if self.export() != exported:
            raise SandboxError(
                f"The state of the stack {self._stack} changed in the meantime: somebody works on it. "
                "Nothing was dropped; run it again when they are done."
            )
        document = json.loads(exported)
        # The manifest and the secrets' provider stay, so the backup can be put back with its secrets.
        kept = {key: document["deployment"][key] for key in _KEPT if key in document["deployment"]}
        self.replace({**document, "deployment": {**kept, "resources": []}})
        if json.loads(self.export())["deployment"].get("resources"):
            raise SandboxError(f"The state of the stack {self._stack} still has resources: somebody works on it.")


_KEPT = ("manifest", "secrets_providers")
