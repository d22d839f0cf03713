"""The operator's own `pulumi`: the one on PATH, with the backend that it is logged in to."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from config import stack_names
from config.errors import did_you_mean
from sandbox.command import Done
from sandbox.engine import WayFailedError, inspect
from sandbox.problem import SandboxError
from sandbox.state import StackState


class OperatorPulumi:
    """Runs commands of the operator's `pulumi`, in the project and with the operator's environment.

    Args:
        root: The project.

    Raises:
        SandboxError: There is no `pulumi` on PATH, or it is too old.
    """

    def __init__(self, root: Path) -> None:
        found = shutil.which("pulumi")
        if found is None:
            raise SandboxError(
                "There is no `pulumi` on PATH: https://www.pulumi.com/docs/install/. "
                "A stack of the sandbox is ejected with --sandbox."
            )
        try:
            self._engine = inspect(Path(found), "PATH")
        except WayFailedError as reason:
            raise SandboxError(f"The Pulumi engine cannot be used: {reason}.") from None
        self._root = root

    def __call__(self, arguments: Sequence[str], *, stdin: str | None = None) -> Done:
        """Run one command to its end, Ctrl-C or not: one that is cut off leaves its lock on the stack behind.

        Args:
            arguments: What follows `pulumi`; nothing secret, since everybody can list arguments.
            stdin: Text for its standard input.
        """
        process = subprocess.Popen(  # noqa: S603 - the operator's own program
            [self._engine.path, "--non-interactive", "--color", "never", *arguments],
            cwd=self._root,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            out, error = process.communicate(stdin)
        except KeyboardInterrupt:
            process.communicate()
            raise
        return Done(process.returncode, out, error)


class OperatorState(StackState):
    """The state of a stack in the operator's backend.

    Args:
        root: The project.
        stack: The stack.
    """

    def __init__(self, root: Path, stack: str) -> None:
        super().__init__(OperatorPulumi(root), stack)
        self._known = stack_names(root)

    def export(self) -> str:
        """As the base class; a name that is none of the project's comes with the nearest one."""
        try:
            return super().export()
        except SandboxError:
            if self._stack in self._known:
                raise
            mend = did_you_mean(self._stack, self._known)
            raise SandboxError(f'"{self._stack}" is no stack of this project: {mend}') from None
