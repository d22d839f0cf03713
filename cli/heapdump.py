"""`ackp heapdump`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, Context, ServiceName, Stack, StackKubeconfig, demand_service

if TYPE_CHECKING:
    from config import StackSettings

PodName = Annotated[
    str | None,
    typer.Argument(metavar="[POD]", help="One of its pods; left out: the first that runs.", show_default=False),
]


def heapdump(
    service: ServiceName,
    pod: PodName = None,
    *,
    stack: Stack = "test",
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJson = False,
) -> None:
    """Have a pod's JVM write a heap dump to where the service keeps its dumps on the NAS, and say where that is.

    An ephemeral container with the stack's debug.image asks the JVM for it, as the same user and without capabilities.
    The JVM stands still meanwhile. The container ends with the dump; the pod lists it until the pod itself ends.

    Example: ackp heapdump study --stack uat

    Exit codes: 0 written; 1 refused, or not written, with the reason; 130 ended by Ctrl-C.
    """
    from cli.console import (  # noqa: PLC0415 - help does not need it
        cluster_errors,
        connected,
        progress,
        readable_errors,
        say,
        until_ctrl_c,
    )
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from debugger.heap_dump import HeapDump, size  # noqa: PLC0415 - help does not need it
    from debugger.session import Session  # noqa: PLC0415 - help does not need it
    from debugger.target import live_target, tools_image  # noqa: PLC0415 - help does not need it
    from pod_logs.files import on_the_nas  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    with readable_errors(), until_ctrl_c(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        _demand_directory(settings, service)
        image = tools_image(settings)
        connection = connected(settings, kubeconfig, context)
        found = live_target(connection, settings, service, pod)
        dump, session = HeapDump(settings, service, found), Session(connection, settings.namespace, found.pod)
        asked = f"; its liveness probe waits {found.patience} s" if found.patience is not None else ""
        say(f"{found.pod}: the JVM stands still while it writes{asked}")
        try:
            with progress("Asking the JVM") as told:
                session.begin(dump.container(image))
                code = session.wait(told.live)
            lines = session.lines()
        except KeyboardInterrupt:
            if session.left:
                say(f"A dump that has begun goes on: {dump.path}")
            raise
        finally:
            if session.left:
                say(session.left)
        written = size(lines) if code == 0 else None
        if written is None:
            raise SandboxError(f"no dump of {found.pod}: {lines[-1] if lines else f'exit code {code}'}")
        nas = on_the_nas(settings, service, dump.below)
    if json_:
        said = {"stack": stack, "service": service, "pod": found.pod, "path": dump.path, "nas": nas, "bytes": written}
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{dump.path}, {written} bytes; {nas}")


def _demand_directory(settings: StackSettings, service: str) -> None:
    """Refuse a service that has nowhere for a dump."""
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    demand_service(service, settings)
    if settings.sub_path(service) is None:
        why = f"The service {service} has no directory on the NAS for a dump: services.{service}.nas is unset"
        raise SandboxError(why)
