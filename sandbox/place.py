"""Where a sandbox lives: one folder outside the working tree, used by one command at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from sandbox.problem import SandboxError
from sandbox.progress import Progress

VARIABLE = "ACKP_SANDBOX"
"""The environment variable that puts the sandbox into another folder."""

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Holder:
    """The command that works in a sandbox.

    Attributes:
        pid: Its process.
        command: `up`, `down`, `preview` or `eject`.
        stack: The stack it works on.
        since: When it began, local time in ISO 8601.
    """

    pid: int
    command: str
    stack: str
    since: str

    def __str__(self) -> str:
        clock = self.since[11:19]
        stack = self.stack if self.command == "eject" else f"--stack {self.stack}"
        return f"`ackp {self.command} {stack}` (process {self.pid}, since {clock})"


@dataclass(frozen=True)
class Place:
    """The folder of a sandbox.

    Attributes:
        directory: The folder; everything below is in it.
    """

    directory: Path

    @property
    def project(self) -> Path:
        """Copies of Pulumi.yaml and the stack files, with generated secrets."""
        return self.directory / "project"

    @property
    def state(self) -> Path:
        """The engine's file backend."""
        return self.directory / "state"

    @property
    def home(self) -> Path:
        """The engine's PULUMI_HOME."""
        return self.directory / "home"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase of the stacks' secrets."""
        return self.directory / "passphrase"

    @property
    def contents(self) -> Path:
        """What exists in the cloud of this sandbox."""
        return self.directory / "cloud.json"

    @property
    def cloud_log(self) -> Path:
        """What the last cloud process wrote to its standard error."""
        return self.directory / "cloud.log"

    def lock(self, name: str) -> Path:
        """A lock file: `command` for the command at work, `engine` and `cloud` for the processes it started."""
        return self.directory / f"{name}.lock"

    def has_stack(self, stack: str) -> bool:
        """Whether a stack has a state, and the copy of its stack file, without which the state cannot be read."""
        states = self.state.glob(f".pulumi/stacks/*/{stack}.json")
        return any(states) and (self.project / f"Pulumi.{stack}.yaml").exists()

    def prepare(self) -> None:
        """Create the folder and its parts, readable by the user only.

        Raises:
            SandboxError: It cannot be written.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            for part in (self.project, self.state, self.home):
                part.mkdir(exist_ok=True)
            with self.lock("command").open("a"):
                pass
        except OSError as error:
            raise SandboxError(
                f"The sandbox folder {self.directory} cannot be written: {error.strerror}. "
                f"Make it writable, or set {VARIABLE} to another folder."
            ) from None

    @contextmanager
    def held(self, command: str, stack: str, progress: Progress) -> Iterator[Hold]:
        """Work alone in the sandbox.

        A preview that is at work is waited for, since it ends in seconds; any other command is not.
        The name of the command stays in the lock file while it works, so the next one knows when this one was killed.

        Raises:
            SandboxError: Another command is at work.
        """
        with self.lock("command").open("a+", encoding="utf-8") as file:
            _acquire(file, progress)
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            hold = Hold(broken=_read(file))
            _write(file, asdict(Holder(os.getpid(), command, stack, now)))
            try:
                yield hold
            finally:
                if not hold.unclean:
                    _write(file, None)


@dataclass
class Hold:
    """The right to work in a sandbox.

    Attributes:
        broken: The last command, if it was ended in the middle of its work.
        unclean: Set by the holder when its own work was ended in the middle.
    """

    broken: Holder | None
    unclean: bool = False


def default_place(root: Path) -> Place:
    """The sandbox of a checkout.

    `$ACKP_SANDBOX`, else `$XDG_STATE_HOME/ack-platform/sandbox/NAME-HASH`, where NAME is the name of the checkout's
    folder and HASH is taken from its path, so that two checkouts do not meet.
    Source: https://specifications.freedesktop.org/basedir-spec/latest/

    Args:
        root: The checkout.
    """
    if chosen := os.environ.get(VARIABLE):
        return Place(Path(chosen).expanduser().absolute())
    base = os.environ.get("XDG_STATE_HOME", "")
    state = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    root = root.resolve()
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
    return Place(state / "ack-platform" / "sandbox" / f"{root.name}-{digest}")


def _acquire(file: TextIO, progress: Progress) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    said = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(file)
            if (holder and holder.command != "preview") or time.monotonic() > deadline:
                raise SandboxError(
                    f"Another command works in this sandbox: {holder or 'it does not say which'}. "
                    "Wait until it ends, or end it there with Ctrl-C."
                ) from None
            if holder and not said:
                progress.line(f"Waiting for {holder}")
                said = True
            time.sleep(_POLL_SECONDS)
        else:
            return


def _read(file: TextIO) -> Holder | None:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None


def _write(file: TextIO, holder: Mapping[str, object] | None) -> None:
    file.truncate(0)
    if holder is not None:
        file.write(json.dumps(holder))
    file.flush()
