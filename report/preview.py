"""Reading what `pulumi preview --json` wrote: one document, or one event a line.

The engine writes events where PULUMI_ENABLE_STREAMING_JSON_PREVIEW is set. A preview that is cut short, failed, or of
an engine that says it in other words is refused, for half a report would look harmless.
Source: https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/display/json.go
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from report.steps import SECRET, Step
from sandbox.urn import Urn

ENGINE = "3.259"
"""The engine whose words these are."""
_SIGNATURE = "4dabf18193072939515e22adb298388d"  # marks a special value; https://github.com/pulumi/pulumi
_STEPS = {"same", "create", "update", "replace", "delete", "read", "read-replacement", "refresh", "import"}
_STEPS |= {"import-replacement", "remove-pending-replace", "discard", "discard-replaced"}
_PARTS = {"create-replacement", "delete-replaced"}
"""The halves of a replacement; events have them beside the replacement itself."""
_MEND = "run `pulumi preview --json --show-sames --stack STACK` again"


class PreviewError(Exception):
    """A preview cannot be read; the text is the complete report, one line for each reason."""


@dataclass(frozen=True)
class Preview:
    """A preview that succeeded."""

    stack: str
    """The stack's name."""
    steps: tuple[Step, ...]
    """One for each resource, by URN: the engine's own order differs from run to run."""
    warnings: tuple[str, ...] = ()
    """What the engine and the program warned of, each once."""
    config: Mapping[str, str] = field(default_factory=dict)
    """The stack's configuration that was previewed, as text; structured values are JSON, secrets are left out."""

    @property
    def complete(self) -> bool:
        """Whether it names all that runs: with `--show-sames`, or because the stack is new."""
        # What only gets or loses its protection is named without it, too.
        return any(
            step.op == "same" and step.new and not step.is_component and step.was_protected == step.protected
            for step in self.steps
        ) or any(step.op == "create" and step.kind == "Stack" for step in self.steps)


def read_preview(text: str, source: str, stack: str | None = None) -> Preview:
    """Read a preview.

    Args:
        text: what the engine wrote.
        source: where it stands, for errors.
        stack: the stack that it must be of.

    Raises:
        PreviewError: it is cut short, no preview, of another engine, of a preview that failed or of another stack.
    """
    document = _parsed(text, source)
    if isinstance(document, list):
        written, said, whole = _of_events(document)
    else:
        written, said, whole = _of_document(document)
    errors = [_said(each) for each in said if each.get("severity") == "error"]
    if errors:
        lines = dict.fromkeys(line for error in errors if (line := _first_line(error)))
        raise PreviewError("\n".join([f"{source}: the preview failed; nothing can be reported.", *_indented(lines)]))
    if not whole:
        raise PreviewError(f"{source}: the preview has no end, it was cut short or interrupted: {_MEND}.")
    steps = sorted(_steps(written, source), key=lambda step: step.urn.text)
    if not steps:
        raise PreviewError(f"{source}: the preview names no resource, not even the stack: {_MEND}.")
    names = sorted({step.urn.stack for step in steps})
    if len(names) > 1 or (stack and names != [stack]):
        raise PreviewError(f"{source}: a preview of the stack {', '.join(names)}, not of {stack or names[0]}.")
    warnings = dict.fromkeys(_first_line(_said(each)) for each in said if each.get("severity") == "warning")
    return Preview(names[0], tuple(steps), tuple(warnings), _config(document))


def _parsed(text: str, source: str) -> Mapping[str, Any] | list[Mapping[str, Any]]:
    if not text.strip():
        raise PreviewError(f"{source}: empty; the engine wrote no preview: {_MEND}.")
    try:
        document = json.loads(text)
    except ValueError:
        document = _events(text, source)
    if isinstance(document, dict) and "sequence" in document:
        document = [document]
    if isinstance(document, list) or (
        isinstance(document, dict) and ("steps" in document or "diagnostics" in document)
    ):
        return document
    raise PreviewError(
        f'{source}: no preview of Pulumi {ENGINE}, which has "steps" or is one event a line: {_MEND}, '
        "without other words in the file."
    )


def _events(text: str, source: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError as error:
            where = getattr(error, "lineno", 1)
            if found:
                raise PreviewError(f"{source}: line {number} is no whole event, it was cut short: {_MEND}.") from None
            if text.lstrip().startswith("{"):
                raise PreviewError(f"{source}: cut short, the JSON has no end: {_MEND}.") from None
            raise PreviewError(f"{source}: line {number + where - 1} is not JSON: {_MEND}.") from None
        if not isinstance(event, dict) or "sequence" not in event:
            raise PreviewError(f"{source}: line {number} is no event of Pulumi {ENGINE}: {_MEND}.")
        found.append(event)
    return found


def _of_document(document: Mapping[str, Any]) -> tuple[list[Any], list[Mapping[str, Any]], bool]:
    steps, said = document.get("steps") or [], document.get("diagnostics") or []
    listed = isinstance(steps, list) and isinstance(said, list)
    return (steps, _mappings(said), "changeSummary" in document) if listed else ([None], [], True)


def _of_events(events: Iterable[Mapping[str, Any]]) -> tuple[list[Any], list[Mapping[str, Any]], bool]:
    steps: list[Any] = []
    said: list[Mapping[str, Any]] = []
    whole = False
    for event in events:
        if diagnostic := event.get("diagnosticEvent"):
            said.append(diagnostic)
        elif started := event.get("resourcePreEvent"):
            step = started.get("metadata") or {}
            if step.get("op") not in _PARTS:
                old, new = step.get("old") or {}, step.get("new") or {}
                reasons = {"diffReasons": step.get("diffs"), "replaceReasons": step.get("keys")}
                steps.append({**step, **reasons, "oldState": old, "newState": new})
        elif "summaryEvent" in event:
            whole = True
    return steps, said, whole


def _config(document: Mapping[str, Any] | list[Mapping[str, Any]]) -> Mapping[str, str]:
    """The configuration: of the document, or of the event that comes first."""
    holders = [document] if isinstance(document, Mapping) else [each.get("preludeEvent") for each in document]
    found: Mapping[str, Any] = next(iter(_mappings(each.get("config") for each in _mappings(holders))), {})
    return {key: value for key, value in found.items() if isinstance(value, str) and value != SECRET}


def _steps(written: Iterable[Any], source: str) -> Iterator[Step]:
    for number, step in enumerate(written, 1):
        urn, op = (step.get("urn"), step.get("op")) if isinstance(step, Mapping) else (None, None)
        if not isinstance(urn, str) or urn.count("::") < 3 or not urn.startswith("urn:pulumi:"):  # noqa: PLR2004 - stack, project, type and name
            raise PreviewError(f"{source}: step {number} names no resource as Pulumi {ENGINE} does.")
        if op not in _STEPS:
            raise PreviewError(
                f"{source}: step {number} has the operation {op!r}, which Pulumi {ENGINE} does not know."
            )
        yield _step(step, Urn(urn), op)


def _step(written: Mapping[str, Any], urn: Urn, op: str) -> Step:
    before, after = written.get("oldState") or {}, written.get("newState") or {}
    parent = after.get("parent") or before.get("parent")
    gone = op in {"delete", "discard"}
    return Step(
        urn=urn,
        op="replace" if op.endswith("-replacement") else op,
        parent=Urn(parent) if parent else None,
        old=_plain(before.get("inputs") or {}) if op != "create" else {},
        new=_plain(after.get("inputs") or {}) if not gone else {},
        paths=tuple(sorted(written.get("detailedDiff") or written.get("diffReasons") or ())),
        replacing=tuple(sorted(written.get("replaceReasons") or ())),
        was_protected=bool(before.get("protect")),
        protected=bool(after.get("protect")),
        retained=bool(before.get("retainOnDelete")),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value with one form for every secret in it; a secret's own value is left behind here."""
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return SECRET
        return {key: _plain(each) for key, each in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _mappings(values: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [each for each in values if isinstance(each, Mapping)]


def _said(diagnostic: Mapping[str, Any]) -> str:
    text = str(diagnostic.get("message") or "").strip()
    for prefix in ("error: ", "warning: ", "an unhandled error occurred: ", "python inline source runtime error: "):
        text = text.removeprefix(prefix)
    urn = diagnostic.get("urn")
    named = isinstance(urn, str) and urn.count("::") >= 3 and not urn.endswith("::") and Urn(urn).kind != "Stack"  # noqa: PLR2004 - as above
    return f"{Urn(str(urn)).kind} {Urn(str(urn)).name}: {text}" if named and text else text


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
