"""Running engine commands: bare environment, own session, one Ctrl-C at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.process import bare_environment, start


@dataclass(frozen=True)
class Done:
    """An engine command that ended.

    Attributes:
        code: Exit code; negative: the signal that ended it.
        stdout: Its standard output.
        stderr: Its standard error.
    """

    code: int
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """What it said was wrong, without the word `error:` and without colour."""
        lines = [line.removeprefix("error: ") for line in self.stderr.splitlines() if line.strip()]
        return "\n".join(lines) or f"the engine ended with code {self.code}"


class EngineCommand:
    """Runs engine commands in a sandbox.

    Args:
        engine: The engine.
        place: The sandbox.
        reads_only: Whether its commands only read, and may run beside those of another command.

    Attributes:
        last_code: The exit code of the last command; negative: the signal that ended it.
    """

    def __init__(self, engine: Engine, place: Place, *, reads_only: bool = False) -> None:
        self.engine = engine
        self._place = place
        self._lock = None if reads_only else place.lock("engine")
        self.last_code = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def killed(self) -> str:
        """What ended the last command, if a signal did; empty if it ended by itself."""
        if self.last_code >= 0:
            return ""
        name = signal.Signals(-self.last_code).name
        return f"the engine was ended by {name}, from outside or for want of memory. Run it again"

    @property
    def environment(self) -> dict[str, str]:
        """What the engine runs with: nothing of the user's cloud accounts, clusters or Pulumi settings."""
        return {
            **bare_environment(),
            "PULUMI_HOME": str(self._place.home),
            "PULUMI_BACKEND_URL": self._place.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._place.passphrase),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        }

    def run(
        self,
        arguments: Sequence[str],
        *,
        extra: Mapping[str, str] | None = None,
        stdin: str | None = None,
        on_output: Callable[[str], object] | None = None,
        on_error: Callable[[str], object] | None = None,
    ) -> Done:
        """Run one command to its end.

        Args:
            arguments: What follows `pulumi`; nothing secret, since everybody can list arguments.
            extra: More environment variables.
            stdin: Text for its standard input.
            on_output: Called with each line of standard output.
            on_error: Called with each line of standard error.
        """
        process = start(
            [self.engine.path, "--non-interactive", "--color", "never", *arguments],
            self._lock,
            environment={**self.environment, **(extra or {})},
            directory=self._place.project,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._process = process
        out: list[str] = []
        err: list[str] = []
        readers = [
            threading.Thread(target=_read, args=(process.stdout, out, on_output), daemon=True),
            threading.Thread(target=_read, args=(process.stderr, err, on_error), daemon=True),
        ]
        try:
            for reader in readers:
                reader.start()
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(stdin or "")
                    process.stdin.close()
            for reader in readers:
                reader.join()
            self.last_code = process.wait()
        finally:
            self._process = None
        return Done(self.last_code, "\n".join(out), "\n".join(err))

    def signal(self, number: signal.Signals) -> bool:
        """Send a signal to the command that runs now; tell whether there is one."""
        process = self._process
        if process is None or process.poll() is not None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
        return True


def _read(stream: IO[str] | None, lines: list[str], callback: Callable[[str], object] | None) -> None:
    for line in stream or ():
        lines.append(line.rstrip())
        if callback:
            callback(lines[-1])
