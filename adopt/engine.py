"""Bringing what is adopted into the state of the operator's own engine: `pulumi up` with a provider that only reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adopt.finding import AdoptError
from adopt.live_cluster import LiveCluster, Server
from config import StackSettings, load_stack
from config.alb import OwnedAlb
from config.nas import OwnedNas
from eject.pulumi import OperatorState
from sandbox.cloud.contents import Contents
from sandbox.cloud.faults import Faults
from sandbox.cloud.provider import serve

_GRACE_SECONDS = 1.0


@contextmanager
def reading_provider(server: Server) -> Iterator[str]:
    """Serve the kubernetes provider that only reads, on a free port of 127.0.0.1, while the block runs.

    Yields:
        The value of `PULUMI_DEBUG_PROVIDERS` that attaches an engine to it.
    """
    with tempfile.TemporaryDirectory(prefix="ack-platform-adopt-") as folder:
        served, port = serve(LiveCluster(server, Contents(Path(folder) / "contents")), Faults(None))
        try:
            yield f"kubernetes:{port}"
        finally:
            served.stop(_GRACE_SECONDS).wait()


def missing(settings: StackSettings, exported: str) -> tuple[str, ...]:
    """The settings of what the stack owns in the cloud account and has not in its state: an `up` would create it.

    Args:
        settings: The stack's.
        exported: Its state, as `pulumi stack export` writes it.
    """
    resources = json.loads(exported)["deployment"].get("resources") or ()
    there = {each["type"] for each in resources if not each.get("delete")}
    owned = {
        "alb": isinstance(settings.alb, OwnedAlb) and "alicloud:alb/loadBalancer:LoadBalancer",
        "nas.fileSystem": isinstance(settings.nas.file_system, OwnedNas) and "alicloud:nas/fileSystem:FileSystem",
    }
    return tuple(setting for setting, type_ in owned.items() if type_ and type_ not in there)


def into_state(stack: str, root: Path, server: Server) -> int:
    """Run `pulumi up` of a stack with that provider; its words go where this process's go.

    Args:
        stack: The stack; it exists in the current backend, with its secrets set.
        root: The project.
        server: The cluster.

    Returns:
        The exit code of `pulumi`.

    Raises:
        AdoptError: There is none on PATH, or the `up` would create something in the cloud account.
        SandboxError: The state cannot be read.
        SettingsError: The stack file is wrong.
    """
    program = shutil.which("pulumi")
    if program is None:
        mend = "install it (https://www.pulumi.com/docs/install/) and run the command again"
        raise AdoptError("There is no pulumi on PATH", [mend])
    created = missing(load_stack(stack, root, secrets="generated"), OperatorState(root, stack).export())
    if created:
        subject = f"The stack {stack} owns what is not in its state, and would create it a second time"
        mend = "bring it in with `pulumi import` first, or state it as given: docs/how-to/keep-the-state.md"
        raise AdoptError(subject, [*(f"{setting}: {mend}" for setting in created)])
    with reading_provider(server) as providers:
        others = os.environ.get("PULUMI_DEBUG_PROVIDERS")
        environment = {**os.environ, "PULUMI_DEBUG_PROVIDERS": ",".join(filter(None, [others, providers]))}
        words = [program, "up", "--stack", stack, "--yes", "--continue-on-error"]
        return subprocess.run(words, cwd=root, env=environment, check=False).returncode  # noqa: S603 - the operator's own pulumi
