"""Somebody of a team: a checkout and a sandbox of their own, and a state that all share."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from pulumi.automation import CommandError

from config import PROJECT, StackSettings, load_stack
from sandbox.attachment import running_cloud
from sandbox.changes import Changes
from sandbox.command import EngineCommand
from sandbox.engine import Engine
from sandbox.inline import end_program, open_stack, program_environment
from sandbox.place import Place
from sandbox.project import copy_project, ensure_passphrase, generated_secret
from sandbox.run import OnStep
from tests.engine.stacks import SEED, Project
from tests.settings import ROOT
from tests.state.backends import Backend

STACK = "test"
STATE = f".pulumi/stacks/ack-platform/{STACK}.json"
"""Where a store has its state."""
_MOMENT = 0.005
_SECONDS = 60


class _Command(EngineCommand):
    """The engine with the team's backend, and with the backups that a sandbox does without."""

    def __init__(self, engine: Engine, place: Place, backend: Backend) -> None:
        super().__init__(engine, place)
        self._backend = backend

    @property
    def environment(self) -> dict[str, str]:
        inherited = super().environment
        inherited.pop("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS")
        return {**inherited, "PULUMI_BACKEND_URL": self._backend.url, **self._backend.variables}


class Member:
    """Somebody of the team.

    Args:
        folder: where the checkout and the sandbox are.
        engine: the engine.
        backend: where the team keeps its state.
        colleague: whose passphrase and cloud it shares; None for the first.
    """

    def __init__(self, folder: Path, engine: Engine, backend: Backend, colleague: Member | None = None) -> None:
        folder.mkdir()
        self.place = Place(folder / "sandbox")
        self.place.prepare()
        ensure_passphrase(self.place)
        self.project = Project.copy(folder / "project", STACK, small=True)
        if colleague is not None:  # what goes through git, and by a safe way
            shutil.copytree(colleague.place.project, self.place.project, dirs_exist_ok=True)
            shutil.copy(colleague.place.passphrase, self.place.passphrase)
        self._cloud = colleague.place if colleague else self.place
        self._backend = backend
        self._command = _Command(engine, self.place, backend)
        self.run = self._command.run

    @property
    def settings(self) -> StackSettings:
        """The stack's."""
        return load_stack(STACK, self.project.root, secrets="generated")

    def up(self) -> Changes:
        """`pulumi up`, without a preview before it."""
        return self._operation("up")

    def preview(self) -> Changes:
        """`pulumi preview`."""
        return self._operation("preview")

    def killed_up(self) -> None:
        """`pulumi up`, whose engine is killed as soon as it changes something, though not while it writes the state.

        A folder then has an empty one, as with any store that is written in place: that is a state that is lost.
        """
        began = threading.Event()

        def kill(changes: Changes) -> None:
            if changes.changed and not began.is_set():
                began.set()
                try:
                    self._stop_with_a_whole_state()
                finally:  # an engine that is only stopped would be waited for without end
                    self._command.signal(signal.SIGKILL)

        with pytest.raises(CommandError):
            self._operation("up", kill)
        assert began.is_set()

    def _stop_with_a_whole_state(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while self._command.signal(signal.SIGSTOP) and not self._state_is_whole():
            assert time.monotonic() < deadline, f"no state that can be read in {_SECONDS} s"
            self._command.signal(signal.SIGCONT)
            time.sleep(_MOMENT)

    def _state_is_whole(self) -> bool:
        """Whether the store has a state that can be read."""
        stated = [each for each in self._backend.names() if each.endswith(STATE)]
        with contextlib.suppress(ValueError, OSError):
            return bool(stated) and bool(json.loads(self._backend.read(stated[0])))
        return False

    def _operation(self, name: str, on_step: OnStep | None = None) -> Changes:
        wanted = [f"{PROJECT}:{key}" for key in self.settings.required_secrets]
        missing = copy_project(self.place, self.project.root, STACK, wanted)
        changes = Changes(on_step)
        with running_cloud(self._cloud, ROOT, seed=SEED) as providers, program_environment(self.project.root):
            stack = open_stack(self.place, self._command, self.project.root, STACK, providers())
            for key in missing:
                done = self.run(["config", "set", "--secret", key, "--stack", STACK], stdin=generated_secret(key))
                assert done.code == 0, done.error
            try:
                if name == "up":
                    stack.up(on_event=changes, suppress_progress=True)
                else:
                    stack.preview(on_event=changes, suppress_progress=True)
            finally:
                end_program()
        return changes
