"""What can go wrong in the sandbox, said in words that a person can act on."""

from __future__ import annotations

from sandbox.changes import STACK, Changes
from sandbox.failure import Failed, report
from sandbox.urn import Urn


class SandboxError(Exception):
    """A command cannot go on; the text is the complete report, without a stack trace to follow."""


class OperationError(SandboxError):
    """The engine ended an operation with errors.

    Args:
        operation: `up`, `preview` or `down`.
        changes: What was done before, and the errors.
        said: What the engine's command said, used where its events name no error.

    Attributes:
        changes: What was done before, and the errors.
    """

    def __init__(self, operation: str, changes: Changes, said: str) -> None:
        self.changes = changes
        stage = operation if changes.begun else "preview"
        failed = [each for each in changes.errors if each.urn and Urn(each.urn).type != STACK]
        reports = [each.message for each in changes.errors if each not in failed]
        reports.append(report(stage, [Failed(each.urn, each.message, changes.object(each.urn)) for each in failed]))
        super().__init__("\n\n".join(filter(None, reports)) or f"{operation} failed: {_reason(said)}")


class InterruptedRunError(Exception):
    """The person, or the system, ended the command.

    Args:
        changes: What was done before.
        saved: Whether the state is whole; if not, the next command repairs it.

    Attributes:
        changes: What was done before.
    """

    def __init__(self, changes: Changes, *, saved: bool) -> None:
        self.changes = changes
        done = sum(count for op, count in changes.counts.items() if op != "same")
        end = "the state is saved" if saved else "stopped in the middle, the next command repairs the state"
        super().__init__(f"Interrupted after {done} change{'s' if done != 1 else ''}; {end}. Run it again to go on.")


def _reason(said: str) -> str:
    """The engine's own error lines out of what the Automation API reports: code, standard output, standard error."""
    errors = [line.strip().removeprefix("stderr:").strip() for line in said.splitlines() if "error:" in line]
    return "\n".join(dict.fromkeys(line.removeprefix("error: ") for line in errors)) or said.strip()
