"""What the engine did or would do, collected from its events."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.urn import Urn

if TYPE_CHECKING:
    from pulumi.automation.events import DiagnosticEvent, EngineEvent, PolicyEvent, StepEventMetadata

SAME = "same"
STACK = "pulumi:pulumi:Stack"
_REPLACING = {"create-replacement", "delete-replaced", "read-replacement", "discard-replaced", "import-replacement"}
_COLOUR = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")

# Said by the language runtime and by the engine after the reason was said once, by the resource that failed.
_ECHOES = (
    "update failed",
    "preview failed",
    "resource monitor shut down",
    "The resource monitor has terminated",
    "Resource monitor has terminated",
)


@dataclass(frozen=True)
class Step:
    """One resource and what happens to it.

    Attributes:
        urn: The engine's name of the resource.
        op: `create`, `update`, `delete`, `replace`, `same`, `read`, `import`, as the engine calls them.
        parent: The URN of the component it belongs to; empty for the stack itself.
        paths: The properties that change, as the engine writes their paths; empty unless something is updated.
        protect: Whether the engine refuses to delete it.
    """

    urn: str
    op: str
    parent: str = ""
    paths: tuple[str, ...] = ()
    protect: bool = False

    @property
    def type(self) -> str:
        """The type token, such as `kubernetes:apps/v1:Deployment`."""
        return Urn(self.urn).type

    @property
    def name(self) -> str:
        """The name in the program."""
        return Urn(self.urn).name

    @property
    def is_stack(self) -> bool:
        """Whether it is the stack itself, which stands at the root of all resources."""
        return self.type == STACK


@dataclass(frozen=True)
class Diagnostic:
    """An error or a warning.

    Attributes:
        severity: `error` or `warning`.
        message: What was said, without colour and without a stack trace.
        urn: The resource it is about; empty where it is about the run.
    """

    severity: str
    message: str
    urn: str = ""

    @property
    def resource(self) -> str:
        """The resource for people: type and name."""
        urn = Urn(self.urn)
        return f"{urn.type} {urn.name}"


class Changes:
    """Collects an operation's events. Given to the Automation API as `on_event`.

    Args:
        on_step: Called after each resource, with this object; in a thread of the Automation API.

    Attributes:
        begun: Whether the operation itself began, after the preview before it.
    """

    def __init__(self, on_step: Callable[[Changes], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._steps: dict[str, Step] = {}
        self._diagnostics: list[Diagnostic] = []
        self._objects: dict[str, str] = {}
        self.begun = False
        self._on_step = on_step

    def __call__(self, event: EngineEvent) -> None:
        """Take one event."""
        with self._lock:
            self.begun = True
            self._note_object(event)
            if event.res_outputs_event:
                self._take_step(event.res_outputs_event.metadata)
            elif event.resource_pre_event and event.resource_pre_event.metadata.op == SAME:
                self._take_step(event.resource_pre_event.metadata)
            elif event.diagnostic_event and event.diagnostic_event.severity in {"error", "warning"}:
                self._take_diagnostic(event.diagnostic_event)
            elif event.policy_event:
                self._take_policy(event.policy_event)
        if self._on_step and event.res_outputs_event:
            self._on_step(self)

    def plan(self, event: EngineEvent) -> None:
        """Take one event of the preview before the operation: what it says, not what would happen."""
        with self._lock:
            self._note_object(event)
            if event.diagnostic_event and event.diagnostic_event.severity in {"error", "warning"}:
                self._take_diagnostic(event.diagnostic_event)
            elif event.policy_event:
                self._take_policy(event.policy_event)

    def object(self, urn: str) -> str:
        """The Kubernetes object of a resource, as `namespace/name` or `name`; empty if it is none, or not known yet."""
        with self._lock:
            return self._objects.get(urn, "")

    @property
    def steps(self) -> list[Step]:
        """One for each resource, in the order of their first event."""
        with self._lock:
            return list(self._steps.values())

    @property
    def errors(self) -> list[Diagnostic]:
        """Errors, each once."""
        return [diagnostic for diagnostic in self._said() if diagnostic.severity == "error"]

    @property
    def warnings(self) -> list[Diagnostic]:
        """Warnings, each once."""
        return [diagnostic for diagnostic in self._said() if diagnostic.severity == "warning"]

    @property
    def counts(self) -> Counter[str]:
        """How many resources there are for each operation, the stack itself left out."""
        return Counter(step.op for step in self.steps if not step.is_stack)

    @property
    def changed(self) -> bool:
        """Whether anything was created, changed or deleted."""
        return any(step.op not in {SAME, "read"} for step in self.steps if not step.is_stack)

    def _said(self) -> list[Diagnostic]:
        with self._lock:
            return list(dict.fromkeys(self._diagnostics))

    def _note_object(self, event: EngineEvent) -> None:
        metadata = event.resource_pre_event and event.resource_pre_event.metadata
        state = metadata and (metadata.new or metadata.old)
        if metadata and state and Urn(metadata.urn).type.startswith("kubernetes:"):
            stated = (state.inputs or {}).get("metadata") or {}
            names = [stated.get("namespace"), stated.get("name")] if isinstance(stated, dict) else []
            found = "/".join(name for name in names if isinstance(name, str))
            self._objects[metadata.urn] = found or state.id

    def _take_step(self, metadata: StepEventMetadata) -> None:
        op = str(getattr(metadata.op, "value", metadata.op))
        op = "replace" if op in _REPLACING else op
        earlier = self._steps.get(metadata.urn)
        if earlier and earlier.op != SAME and op == SAME:
            return
        state = metadata.new or metadata.old
        paths = tuple(metadata.detailed_diff or metadata.diffs or ()) if op in {"update", "replace"} else ()
        self._steps[metadata.urn] = Step(
            urn=metadata.urn,
            op="replace" if earlier and {earlier.op, op} == {"create", "delete"} else op,
            parent=(state.parent if state else "") or "",
            paths=paths or (earlier.paths if earlier else ()),
            protect=bool(state and state.protect),
        )

    def _take_diagnostic(self, event: DiagnosticEvent) -> None:
        message = _readable(event.message)
        if message and not message.startswith(_ECHOES):
            self._diagnostics.append(Diagnostic(event.severity, message, event.urn or ""))

    def _take_policy(self, event: PolicyEvent) -> None:
        """What a policy pack says; its message names the object and the mend already."""
        severity = "error" if event.enforcement_level == "mandatory" else "warning"
        self._diagnostics.append(Diagnostic(severity, _readable(event.message)))


def _readable(message: str) -> str:
    """The message without colour, prefixes of the runtime, and stack traces."""
    text = _COLOUR.sub("", message).strip().removeprefix("error: ").removeprefix("warning: ")
    text = text.removeprefix("an unhandled error occurred: ").removeprefix("python inline source runtime error: ")
    return text.partition("\nTraceback (most recent call last)")[0].strip()
