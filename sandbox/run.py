"""One stack in the sandbox: up, preview, outputs, down, with the real engine and the real program."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import PROJECT, SettingsError, StackSettings, load_stack, stack_names
from config.errors import did_you_mean
from sandbox.attachment import running_cloud
from sandbox.changes import Changes
from sandbox.command import EngineCommand
from sandbox.engine import Engine, EngineUnavailableError, find_engine
from sandbox.interruption import graceful
from sandbox.place import Place, default_place
from sandbox.policy_pack import install_starter
from sandbox.problem import InterruptedRunError, OperationError, SandboxError
from sandbox.progress import Lines, Progress
from sandbox.project import copy_project, ensure_passphrase, generated_secret
from sandbox.repair import disown, forget_unknown, repair
from sandbox.state import StackState

if TYPE_CHECKING:
    from pulumi.automation import Stack

PARALLEL = 32
"""Resources at once. The engine's own default is four for each processor, of which waiting ones take most."""

NOTHING_TO_EJECT = "there is nothing to eject. `ackp render` writes the objects of a stack that was never up."

_UNREADABLE = "failed to load checkpoint"
"""What the engine says of a state that is no JSON."""

OnStep = Callable[[Changes], None]


@dataclass(frozen=True)
class Result:
    """What an operation did.

    Attributes:
        changes: Resource by resource.
        outputs: The stack's outputs; empty after `preview` and `down`.
        seconds: How long it took, without getting the engine or waiting for another command.
    """

    changes: Changes
    outputs: dict[str, Any]
    seconds: float


class Sandbox:
    """A stack of this project on the real Pulumi engine, with a cloud in memory.

    Args:
        root: The project: where Pulumi.yaml, the stack files and `__main__.py` are.
        stack: The stack.
        place: The sandbox's folder; the checkout's own if left out.
        progress: Told what happens; standard error if left out.
        engine: The engine; found, or got, if left out.
        seed: What exists in an empty cloud; `sandbox/seed.yaml` if left out.
        faults: A file of faults on request.
        policy_packs: Folders of policy packs that judge `up` and `preview`, each with its environment in `.venv`.
    """

    def __init__(
        self,
        root: Path,
        stack: str,
        *,
        place: Place | None = None,
        progress: Progress | None = None,
        engine: Engine | None = None,
        seed: Path | None = None,
        faults: Path | None = None,
        policy_packs: Sequence[Path] = (),
    ) -> None:
        self.root = root.resolve()
        self.stack = stack
        self.place = place or default_place(root)
        self._progress = progress or Lines()
        self._engine = engine
        self._seed = seed or Path(__file__).with_name("seed.yaml")
        self._faults = faults
        self._packs = [str(pack.resolve()) for pack in policy_packs]

    def up(self, on_step: OnStep | None = None) -> Result:
        """Create and update what the stack says, after a preview: what is refused there leaves nothing behind.

        Args:
            on_step: Called after each resource, in another thread.

        Raises:
            SandboxError: It cannot be done, or (`OperationError`) a resource failed.
            InterruptedRunError: It was ended from outside.
        """
        changes = Changes(on_step)
        with self._working("up", changes) as stack:
            begin = time.monotonic()
            packs = self._packs
            stack.preview(parallel=PARALLEL, on_event=changes.plan, suppress_progress=True, policy_packs=packs)
            done = stack.up(
                parallel=PARALLEL, on_event=changes, suppress_progress=True, show_secrets=False, policy_packs=packs
            )
            outputs = {name: "[secret]" if output.secret else output.value for name, output in done.outputs.items()}
        return Result(changes, outputs, time.monotonic() - begin)

    def preview(self, on_step: OnStep | None = None) -> Result:
        """Say what `up` would do; changes nothing. Arguments and errors as for `up`."""
        changes = Changes(on_step)
        with self._working("preview", changes) as stack:
            begin = time.monotonic()
            stack.preview(parallel=PARALLEL, on_event=changes, suppress_progress=True, policy_packs=self._packs)
        return Result(changes, {}, time.monotonic() - begin)

    def preview_json(self) -> str:
        """What the engine writes about a preview for machines, with what stays as it is; errors as for `up`."""
        changes = Changes()
        with self._working("preview", changes) as stack:
            done = stack.preview(parallel=PARALLEL, on_event=changes, suppress_progress=True, json=True)
        return done.stdout

    def down(self, on_step: OnStep | None = None) -> Result | None:
        """Destroy everything of the stack, protected and retained things too, and remove the stack.

        Arguments and errors as for `up`.

        Returns:
            None if there is no such stack in the sandbox.
        """
        changes = Changes(on_step)
        if not self.place.has_stack(self.stack):
            self._refuse_unknown_stack()
            return None
        with self._working("down", changes) as stack:
            begin = time.monotonic()
            stack.destroy(parallel=PARALLEL, on_event=changes, suppress_progress=True, show_secrets=False, remove=True)
        return Result(changes, {}, time.monotonic() - begin)

    def outputs(self) -> dict[str, Any]:
        """The outputs of the last `up`; secrets are masked. Works while another command is at work.

        Raises:
            SandboxError: The stack was never brought up.
        """
        if not self.place.has_stack(self.stack):
            self._refuse_unknown_stack()
            raise SandboxError(f"The stack {self.stack} has no outputs: run `make up STACK={self.stack}` first.")
        command = EngineCommand(self._found_engine(), self.place, reads_only=True)
        done = command.run(["stack", "output", "--json", "--stack", self.stack])
        if done.code != 0:
            raise SandboxError(f"The outputs of the stack {self.stack} cannot be read: {done.error}")
        outputs: dict[str, Any] = json.loads(done.stdout)
        return outputs

    @contextmanager
    def ejecting(self) -> Iterator[StackState]:
        """The stack's state, with the sandbox held and its cloud at rest.

        Raises:
            SandboxError: There is no such stack in the sandbox, or another command works in it.
            KeyboardInterrupt: It was ended from outside.
        """
        if not self.place.has_stack(self.stack):
            self._refuse_unknown_stack()
            raise SandboxError(f"The stack {self.stack} has no state in the sandbox: {NOTHING_TO_EJECT}")
        self.place.prepare()
        command = EngineCommand(self._found_engine(), self.place)
        with (
            self.place.held("eject", self.stack, self._progress) as hold,
            graceful(command, self._progress) as interruption,
        ):
            if hold.broken:
                repair(self.place, command, hold.broken, self._progress)
            try:
                yield _SandboxState(self.place, command, self.stack)
            except SandboxError:
                hold.unclean = command.last_code < 0
                if interruption.requests:
                    raise KeyboardInterrupt from None
                raise

    @contextmanager
    def _working(self, name: str, changes: Changes) -> Iterator[Stack]:
        """Everything around an operation of the engine; its errors leave as errors of the sandbox."""
        settings = None if name == "down" else self._settings()
        self.place.prepare()
        command = EngineCommand(self._found_engine(), self.place)
        with (
            self.place.held(name, self.stack, self._progress) as hold,
            graceful(command, self._progress) as interruption,
        ):
            if hold.broken:
                repair(self.place, command, hold.broken, self._progress)
            try:
                with self._open(command, settings) as stack:
                    yield stack
                if name == "down":
                    forget_unknown(self.place, self.stack, ())
            except _command_errors() as error:
                # 8: stopped by a second signal; negative: killed. Anything else is an end with the state saved.
                hold.unclean = name != "preview" and (command.last_code == 8 or command.last_code < 0)  # noqa: PLR2004 - said above
                if interruption.requests:
                    raise InterruptedRunError(changes, saved=not hold.unclean) from None
                said = command.killed or str(error)
                if _UNREADABLE in said:
                    raise SandboxError(
                        f"The sandbox's state of the stack {self.stack} is cut off, as where a command is killed while"
                        f" it writes. Nothing real is in it: begin anew after `rm -r {self.place.directory}`"
                    ) from None
                raise OperationError(name, changes, said) from None

    @contextmanager
    def _open(self, command: EngineCommand, settings: StackSettings | None) -> Iterator[Stack]:
        shutil.rmtree(self.place.home / "logs", ignore_errors=True)  # the engine starts a file there for each command
        ensure_passphrase(self.place)
        if self._packs:
            install_starter(self.place, map(Path, self._packs))
        missing = []
        if settings is not None:
            wanted = [f"{PROJECT}:{key}" for key in settings.required_secrets]
            missing = copy_project(self.place, self.root, self.stack, wanted)
        with running_cloud(self.place, self.root, seed=self._seed, faults=self._faults) as providers:
            from sandbox.inline import end_program, open_stack, program_environment  # noqa: PLC0415 - 0.9 s while the cloud starts

            with program_environment(self.root):
                stack = open_stack(self.place, command, self.root, self.stack, providers())
                for key in missing:
                    done = command.run(
                        ["config", "set", "--secret", key, "--stack", self.stack], stdin=generated_secret(key)
                    )
                    if done.code != 0:
                        raise SandboxError(f"The secret {key} cannot be set: {done.error}")
                try:
                    yield stack
                finally:
                    end_program()

    def _settings(self) -> StackSettings:
        try:
            return load_stack(self.stack, self.root, secrets="generated")
        except SettingsError as error:
            raise SandboxError(str(error)) from None

    def _found_engine(self) -> Engine:
        if self._engine is None:
            try:
                self._engine = find_engine(self._progress)
            except EngineUnavailableError as error:
                raise SandboxError(str(error)) from None
        return self._engine

    def _refuse_unknown_stack(self) -> None:
        names = stack_names(self.root)
        if self.stack not in names:
            raise SandboxError(f'"{self.stack}" is no stack of this project: {did_you_mean(self.stack, names)}')


class _SandboxState(StackState):
    """The state of a stack in a sandbox.

    Args:
        place: The sandbox, held, with no cloud process at work.
        command: The engine.
        stack: The stack.
    """

    def __init__(self, place: Place, command: EngineCommand, stack: str) -> None:
        super().__init__(command.run, stack)
        self._place = place

    def drop(self, exported: str) -> None:
        """Take every resource out of the state; what they stand for belongs to nobody first.

        The other way round, a command that is killed between the two would leave a cloud full of left-overs, which the
        next one would clear away.
        """
        disown(self._place, self._stack)
        super().drop(exported)


def _command_errors() -> type[Exception]:
    from pulumi.automation import CommandError  # noqa: PLC0415 - imported already where this is called

    return CommandError
