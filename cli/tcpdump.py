"""`ackp tcpdump`."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.durations import duration
from cli.options import ROOT, AsJson, Context, Pod, ServiceName, Stack, StackKubeconfig, demand_service

if TYPE_CHECKING:
    from config import StackSettings
    from config.debug import PacketCapture

_MIB = 1 << 20

Filter = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILTER]...", help="Which packets, as tcpdump's own: port 8848 and tcp; all.", show_default=False
    ),
]
Write = Annotated[
    str, typer.Option("--write", "-w", metavar="FILE", help="Where to; - is standard output.", show_default=False)
]
Count = Annotated[int, typer.Option("--count", "-c", metavar="N", min=1, help="End after so many packets.")]
For = Annotated[int, typer.Option("--duration", metavar="DURATION", parser=duration, help="End after 30s, 5m, 1h.")]
Size = Annotated[int, typer.Option("--size", metavar="MIB", min=1, help="End before the file is larger.")]


def tcpdump(
    service: ServiceName,
    filter_: Filter = None,
    *,
    write: Write,
    stack: Stack = "test",
    pod: Pod = None,
    count: Count = 10_000,
    for_: For = "1m",  # type: ignore[assignment] # as it is typed; the parser makes seconds of it
    size: Size = 100,
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJson = False,
) -> None:
    """Capture the packets of a service's pod into a file for Wireshark.

    tcpdump runs in a pod of its own on the same node and in the namespace ack-platform-capture; the pod goes with the
    command. Refused unless the stack has debug.packetCapture. Ctrl-C ends it, and what was captured by then is kept.

    Example: ackp tcpdump study port 8848 --stack uat -w nacos.pcap

    Exit codes: 0 captured; 1 refused, or broken off, with the reason; 130 ended by Ctrl-C.
    """
    from capture.file import STANDARD_OUTPUT, written  # noqa: PLC0415 - help does not need it
    from capture.pod import CapturePod  # noqa: PLC0415 - help does not need it
    from capture.run import Bounds, Capture, checked  # noqa: PLC0415 - help does not need it
    from cli.console import (  # noqa: PLC0415 - help does not need it
        cluster_errors,
        connected,
        progress,
        readable_errors,
        say,
        until_ctrl_c,
    )
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from debugger.target import live_target  # noqa: PLC0415 - help does not need it

    if json_ and write == STANDARD_OUTPUT:
        raise typer.BadParameter("--json and -w - both want standard output")
    with readable_errors(), until_ctrl_c(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        allowed = _allowed(settings, service)
        wanted = checked(" ".join(filter_ or ()))
        connection = connected(settings, kubeconfig, context)
        found = live_target(connection, settings, service, pod, "observer")
        capturing = CapturePod(connection, allowed, found.node, for_)
        bounds = Bounds(count, for_, size * _MIB)
        capture = Capture(connection, capturing, f"host {found.address}{wanted}", bounds)
        try:
            with written(write) as file, progress("Making the pod") as told:
                capturing.begin(told.live, say)
                say(f"Capturing {found.pod} on {found.node}; Ctrl-C ends it")
                for piece in capture.pieces(told.live):
                    file.write(piece)
                    file.flush()
        except BrokenPipeError:
            capture.ended = "nobody reads on"
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed goes nowhere
        finally:
            if capture.packets.size:
                say(f"{capture.packets.count} packets, {capture.packets.size} bytes in {write}")
            if left := capturing.end():
                say(left)
    if json_:
        said = {
            "stack": stack,
            "service": service,
            "pod": found.pod,
            "node": found.node,
            "file": write,
            "packets": capture.packets.count,
            "bytes": capture.packets.size,
            "ended": capture.ended,
        }
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        say(f"Ended: {capture.ended}.")


def _allowed(settings: StackSettings, service: str) -> PacketCapture:
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    demand_service(service, settings)
    if settings.debug is None or settings.debug.packet_capture is None:
        raise SandboxError(
            f"The stack {settings.stack} does not allow it: set debug.packetCapture.image in its stack file"
        )
    return settings.debug.packet_capture
