"""A stack under the operator's own `pulumi`: the commands that a person types, each within its bound."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pulumi.automation.events import EngineEvent

from config import StackSettings, load_stack
from sandbox.changes import Changes, Step
from sandbox.command import EngineCommand
from sandbox.place import Place
from sandbox.project import copy_project, ensure_passphrase, generated_secret
from tests.cluster.api import Api
from tests.engine.stacks import Project, state
from tests.plugins.tools import Tools
from tests.settings import ROOT

SECONDS = 420.0
"""How long one command may take; the longest wait of the shipped stacks under way is one of ten minutes."""

_GRACE_SECONDS = 30.0


class CommandError(AssertionError):
    """A command of `pulumi` failed, or was ended at its bound; what it worked on, and the cluster's last events."""


class RealStack:
    """A copy of a shipped stack, with a state, a home and a passphrase that are thrown away.

    Args:
        tools: The operator's `pulumi` and plug-ins.
        folder: A folder for all of it.
        stack: The stack's name.
        api: The cluster, to read its events.

    Attributes:
        name: The stack's name.
        environment: What its commands get beside a bare environment; to be added to.
    """

    def __init__(self, tools: Tools, folder: Path, stack: str, api: Api) -> None:
        self.name = stack
        self.source = Project.copy(folder / "source", stack)
        self._api = api
        self._place = Place(folder / "pulumi")
        self._place.prepare()
        (self._place.home / "plugins").symlink_to(tools.home / "plugins")
        for each in (".venv", "uv.lock"):  # without pyproject.toml `pulumi` does not install into the environment
            (self._place.project / each).symlink_to(ROOT / each)
        ensure_passphrase(self._place)
        self.environment = {"PATH": tools.path, "PYTHONDONTWRITEBYTECODE": "1"}
        self._command = EngineCommand(tools.engine, self._place)

    def edit(self, changes: Mapping[str, object]) -> None:
        """Change settings by key path."""
        self.source.edit(changes)

    @property
    def settings(self) -> StackSettings:
        """The settings as they are now."""
        return load_stack(self.name, self.source.root, secrets="generated")

    def begin(self) -> None:
        """Make the stack, with values for its secrets."""
        self._bring()
        self._plain("stack", "init", self.name)
        for key in self._bring():
            self._plain("config", "set", "--secret", key, "--stack", self.name, stdin=generated_secret(key))

    def up(self, *arguments: str, seconds: float = SECONDS) -> Changes:
        """`pulumi up`, its preview included, with the settings as they are now."""
        return self._operation("up", "--yes", *arguments, seconds=seconds)

    def preview(self, *arguments: str) -> Changes:
        """`pulumi preview`."""
        return self._operation("preview", *arguments)

    def refresh(self, *arguments: str) -> Changes:
        """`pulumi refresh`."""
        return self._operation("refresh", "--yes", *arguments)

    def destroy(self, *arguments: str, seconds: float = SECONDS) -> Changes:
        """`pulumi destroy`."""
        return self._operation("destroy", "--yes", *arguments, seconds=seconds)

    def resources(self) -> dict[str, dict[str, Any]]:
        """What stands in the state, by logical name; the stack and its providers are left out."""
        found = {each["urn"].rpartition("::")[2]: each for each in state(self._place, self.name)}
        return {name: each for name, each in found.items() if not each["type"].startswith("pulumi:")}

    def outputs(self) -> dict[str, Any]:
        """What the stack exports."""
        found: dict[str, Any] = json.loads(self._plain("stack", "output", "--json", "--stack", self.name))
        return found

    def _bring(self) -> list[str]:
        """Bring `pulumi`'s copy of the project up to date; keys of secrets that have no value yet."""
        wanted = [f"ack-platform:{key}" for key in self.settings.required_secrets]
        (self._place.project / "__main__.py").write_bytes((self.source.root / "__main__.py").read_bytes())
        return copy_project(self._place, self.source.root, self.name, wanted)

    def _plain(self, *arguments: str, stdin: str | None = None) -> str:
        done = self._command.run(arguments, stdin=stdin, extra=self.environment)
        if done.code:
            raise CommandError(f"pulumi {arguments[0]}: {done.error}")
        return done.stdout

    def _operation(self, name: str, *arguments: str, seconds: float = SECONDS) -> Changes:
        self._bring()
        log = self._place.directory / "events.json"
        log.unlink(missing_ok=True)
        extra = {**self.environment, "PULUMI_DEBUG_COMMANDS": "true"}  # `--event-log` is one of those
        words = (name, "--stack", self.name, "--event-log", str(log), *arguments)
        with _Bound(self._command, seconds) as bound:
            done = self._command.run(words, extra=extra)
        changes, working = _events(log)
        if done.code == 0:
            return changes
        said = [f"{each.resource}: {each.message}" if each.urn else each.message for each in changes.errors]
        if bound.passed:
            said.append(f"ended after {seconds:.0f} s" + "".join(f"\nstill at work on {each}" for each in working))
        reason = "\n".join(said) or f"{done.stdout}\n{done.error}"
        raise CommandError(f"pulumi {name} --stack {self.name}: {reason}\n{self._last_events(working)}")

    def _last_events(self, working: list[str]) -> str:
        events = list(dict.fromkeys(self._api.warnings()))[-20:]
        return "\n".join(["Warnings in the cluster:", *events] if events or working else [])


class _Bound:
    """Ends a command that takes longer than it may: as Ctrl-C does, and if that does not help, at once."""

    def __init__(self, command: EngineCommand, seconds: float) -> None:
        self.passed = False
        self._command = command
        self._timers = [
            threading.Timer(seconds, self._end, (signal.SIGINT,)),
            threading.Timer(seconds + _GRACE_SECONDS, self._end, (signal.SIGKILL,)),
        ]

    def __enter__(self) -> Self:
        for each in self._timers:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._timers:
            each.cancel()
            each.join()

    def _end(self, number: signal.Signals) -> None:
        self.passed = self._command.signal(number) or self.passed


def _events(log: Path) -> tuple[Changes, list[str]]:
    """What an operation did, and the resources that it was still at work on when it ended."""
    changes = Changes()
    working: dict[str, str] = {}
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        event = EngineEvent.from_json(json.loads(line))
        changes(event)
        if event.resource_pre_event:
            step = Step(event.resource_pre_event.metadata.urn, str(event.resource_pre_event.metadata.op))
            if step.type.startswith(("kubernetes:", "alicloud:")):
                working[step.urn] = f"{step.type} {step.name}"
        for done in (event.res_outputs_event, event.res_op_failed_event):
            if done:
                working.pop(done.metadata.urn, None)
    return changes, list(working.values())
