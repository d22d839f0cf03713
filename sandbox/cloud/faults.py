"""Faults on request: a file of rules, read again whenever it changes.

The file is a list (JSON or YAML) of rules::

    - operation: create        # create, update, delete, read or invoke
      type: "kubernetes:*"     # pattern of the type token (of the function, for invoke); default: any
      name: "gateway*"         # pattern of the resource's name in the program, or its id; default: any
      nth: 2                   # the first matching call that it strikes, counted from 1; default: 1
      times: 1                 # how many calls it strikes; default: 1; null: all that follow
      effect: throttle         # see below
      seconds: 0.5             # of throttle and hang
      message: "…"             # of fail and drop
      committed: true          # of drop: the work was done before the connection was lost

``throttle``: one retry delay, then success, as the real provider retries; a data source, which does not retry, fails
with ``Throttling.User``. ``fail``: refused. ``hang``: nothing happens until the run is cancelled (or for some seconds).
``drop``: the connection to the provider is lost. ``vanish``: the object is gone behind the engine's back (before the
call; after it for create).
"""

import json
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

Effect = Literal["throttle", "fail", "hang", "drop", "vanish"]
_EFFECTS = ("throttle", "fail", "hang", "drop", "vanish")
_OPERATIONS = ("create", "update", "delete", "read", "invoke")


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule; the fields are those of the file."""

    operation: str
    effect: Effect
    type: str = "*"
    name: str = "*"
    nth: int = 1
    times: int | None = 1
    seconds: float | None = None
    message: str = ""
    committed: bool = False

    def __post_init__(self) -> None:
        if self.operation not in _OPERATIONS:
            raise ValueError(f"operation {self.operation!r}: one of {', '.join(_OPERATIONS)}")
        if self.effect not in _EFFECTS:
            raise ValueError(f"effect {self.effect!r}: one of {', '.join(_EFFECTS)}")

    def matches(self, operation: str, kind: str, names: tuple[str, ...]) -> bool:
        """Tell whether the rule is about a call."""
        return (
            operation == self.operation
            and fnmatchcase(kind, self.type)
            and (self.name == "*" or any(fnmatchcase(name, self.name) for name in names))
        )


class Faults:
    """The rules of a file and how often each one has matched. No file, no faults."""

    def __init__(self, path: Path | None) -> None:
        """Read the rules.

        Raises:
            ValueError: the file holds something else than rules.
        """
        self._path = path
        self._lock = threading.Lock()
        self._read_at = 0
        self._rules: list[Fault] = []
        self._matched: dict[Fault, int] = {}
        self._refresh()

    def strike(self, operation: str, kind: str, names: tuple[str, ...]) -> Fault | None:
        """Return the fault that hits this call, if any, and count the call."""
        if self._path is None:
            return None
        with self._lock:
            self._refresh()
            struck: Fault | None = None
            for rule in self._rules:
                if not rule.matches(operation, kind, names):
                    continue
                count = self._matched[rule] = self._matched.get(rule, 0) + 1
                in_time = rule.times is None or count < rule.nth + rule.times
                if struck is None and count >= rule.nth and in_time:
                    struck = rule
            return struck

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            changed_at = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            self._rules, self._read_at = [], 0
            return
        if changed_at != self._read_at:
            self._rules, self._read_at = _rules(self._path), changed_at


def _rules(path: Path) -> list[Fault]:
    text = path.read_text(encoding="utf-8")
    try:
        document: list[dict[str, Any]] | None = json.loads(text)
    except ValueError:
        import yaml  # noqa: PLC0415 - only where somebody wrote YAML

        document = yaml.safe_load(text)
    try:
        return [Fault(**rule) for rule in document or []]
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
