"""The stack in the engine: the Automation API around this project's own `__main__.py`."""

from __future__ import annotations

import asyncio
import logging
import os
import runpy
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi import automation
from pulumi.automation.errors import create_command_error
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from semver import VersionInfo

from sandbox.causes import MENDS
from sandbox.command import EngineCommand
from sandbox.place import Place
from sandbox.process import bare_environment

_LOOPS: list[asyncio.AbstractEventLoop] = []
_GRACE_SECONDS = 3.0
_POLL_SECONDS = 0.02
_PASSED_ON = (*MENDS, "DOCKER_CONFIG")
"""What a user says of this run, and where Docker has the login of the registry that moving tags are asked of."""


def _keep_connections_apart() -> None:
    """Let each run connect for itself.

    gRPC shares connections of a process by address. Whoever waits for an engine that is gone keeps one that is refused,
    and a later engine that the system gives the same port could not be reached: "Resource monitor has terminated".
    Source: GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL in
    https://github.com/grpc/grpc/blob/master/include/grpc/impl/channel_arg_names.h
    """
    option = ("grpc.use_local_subchannel_pool", 1)
    if option not in _GRPC_CHANNEL_OPTIONS:
        _GRPC_CHANNEL_OPTIONS.append(option)


def _silence_abandoned_programs() -> None:
    """Keep the complaints of programs whose engine is gone off standard error: the engine has said what was wrong."""
    before = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if not asyncio.iscoroutine(unraisable.object):
            before(unraisable)

    sys.unraisablehook = hook
    logging.getLogger("grpc").addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", "Error in event stream", UserWarning)  # of the Automation API


_keep_connections_apart()
_silence_abandoned_programs()


class _Command(automation.PulumiCommand):
    """The Automation API's way to the engine, led through `EngineCommand`.

    The base class is not initialised: it would ask the engine for its version, which is known, and that takes 0.3 s.
    """

    def __init__(self, command: EngineCommand, more: Mapping[str, tuple[str, ...]]) -> None:
        self.command = str(command.engine.path)
        self.version = VersionInfo(*command.engine.version)
        self._engine = command
        self._more = more

    def run(
        self,
        args: list[str],
        cwd: str,  # noqa: ARG002 - the base class's signature; engine commands run in the copied project
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> automation.CommandResult:
        more = self._more.get(args[0], ())
        done = self._engine.run(
            [*args, *more],
            extra={**additional_env, "PULUMI_AUTOMATION_API": "true"},
            on_output=on_output,
            on_error=on_error,
        )
        result = automation.CommandResult(stdout=done.stdout, stderr=done.stderr, code=done.code)
        if done.code != 0:
            raise create_command_error(result)
        return result


def open_stack(place: Place, command: EngineCommand, root: Path, stack: str, providers: str) -> automation.Stack:
    """Select a stack, or create it, with `__main__.py` as its program.

    Args:
        place: The sandbox, with the copied project in it.
        command: The engine.
        root: The project.
        stack: The stack.
        providers: The value of `PULUMI_DEBUG_PROVIDERS`.
    """

    def program() -> None:
        _LOOPS.append(asyncio.get_running_loop())
        try:
            runpy.run_path(str(root / "__main__.py"), run_name="__main__")
        except pulumi.RunError:
            raise
        except ValueError as error:  # how settings and components say that something cannot be
            raise pulumi.RunError(str(error)) from error
        except Exception as error:
            log = place.directory / "program.log"
            log.write_text(traceback.format_exc(), encoding="utf-8")
            raise pulumi.RunError(
                f"__main__.py: {type(error).__name__}: {error}\nThe stack trace is in {log}"
            ) from error

    workspace = automation.LocalWorkspace(
        work_dir=str(place.project),
        pulumi_home=str(place.home),
        program=program,
        secrets_provider="passphrase",
        env_vars={"PULUMI_DEBUG_PROVIDERS": providers},
        # Arguments that the Automation API does not know. A sandbox has nothing to protect; what a preview leaves as it
        # is costs nothing to show, and whoever reads its JSON needs it.
        pulumi_command=_Command(command, {"destroy": ("--ignore-protect",), "preview": ("--show-sames",)}),
    )
    return automation.Stack.create_or_select(stack, workspace)


def end_program() -> None:
    """End programs that wait for an engine that is gone: this process could not end before they do.

    After a failed operation the SDK may wait forever for tasks that do not end when they are cancelled.
    """
    deadline = time.monotonic() + _GRACE_SECONDS
    while _LOOPS:
        loop = _LOOPS[-1]
        if not loop.is_running():
            _LOOPS.pop()
        elif time.monotonic() > deadline:
            _LOOPS.pop()
            loop.call_soon_threadsafe(loop.stop)
        else:
            time.sleep(_POLL_SECONDS)


@contextmanager
def program_environment(root: Path) -> Iterator[None]:
    """Run the program where `pulumi` would: in the project's folder, and without the user's accounts and clusters."""
    before = dict(os.environ)
    passed_on = bare_environment() | {name: value for name, value in before.items() if name in _PASSED_ON}
    os.environ.clear()
    os.environ.update(passed_on)
    try:
        with chdir(root):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
