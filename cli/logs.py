"""`ackp logs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.durations import duration
from cli.options import ROOT, AsJsonLines, Context, ServiceName, Stack, StackKubeconfig, demand_service

if TYPE_CHECKING:
    from pod_logs.line import Line
    from pod_logs.service_pods import ServicePods, Wanted

USUAL_TAIL = 100
"""Lines of each pod, where nothing says which."""
_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "bright_yellow", "bright_red")


Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on, until Ctrl-C.")]
Previous = Annotated[bool, typer.Option("--previous", "-p", help="Of the container before the last restart.")]
Since = Annotated[
    int | None,
    typer.Option(
        "--since", metavar="DURATION", parser=duration, help="Of the last 30s, 10m, 2h, 1d.", show_default=False
    ),
]
Grep = Annotated[
    str | None, typer.Option("--grep", metavar="TEXT", help="Only lines with this text in them.", show_default=False)
]
Tail = Annotated[
    int | None,
    typer.Option(
        "--tail",
        metavar="N",
        min=0,
        help=f"The last N lines of each pod; unset: {USUAL_TAIL}, or all with --since or --grep.",
        show_default=False,
    ),
]


def logs(
    service: ServiceName,
    stack: Stack = "test",
    *,
    follow: Follow = False,
    previous: Previous = False,
    since: Since = None,
    grep: Grep = None,
    tail: Tail = None,
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJsonLines = False,
) -> None:
    """Show what all pods of a service write, in one order of time, each line after its pod's name.

    Standard error has the rest: where the service's own log files are on the NAS, and which pods have no log and why.
    With --follow, pods that come and go are told, and an API server that restarts is waited for.

    Example: ackp logs study --stack uat --since 10m --grep ERROR

    Exit codes: 0 shown; 1 no pod had a log, or the cluster could not be read; 130 ended by Ctrl-C.
    """
    from cli.console import cluster_errors, connected, readable_errors, say, until_ctrl_c  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from pod_logs.files import log_files  # noqa: PLC0415 - help does not need it
    from pod_logs.service_pods import ServicePods, Wanted  # noqa: PLC0415 - help does not need it

    if follow and previous:
        raise typer.BadParameter("--follow and --previous exclude each other: a container that has ended says no more")
    wanted = Wanted(previous, since, USUAL_TAIL if tail is None and since is None and grep is None else tail)
    with readable_errors(), until_ctrl_c(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        demand_service(service, settings)
        say(f"log files: {log_files(settings, service)}")
        connection = connected(settings, kubeconfig, context)
        pods = ServicePods(connection, settings, service)
        found = _followed(pods, wanted) if follow else _read(pods, wanted)
        show = _json if json_ else _coloured() if sys.stdout.isatty() else _plain
        for line in found:
            if grep is None or grep in line.text:
                show(line)


def _followed(pods: ServicePods, wanted: Wanted) -> Iterator[Line]:
    from cli.console import say  # noqa: PLC0415 - help does not need it
    from pod_logs.follow import Following, Note  # noqa: PLC0415 - help does not need it

    names = pods.names()
    if not names:
        say(f"{pods.service} has no pods yet")
    for found in Following(pods, wanted).lines(names):
        if isinstance(found, Note):
            say(found)
        else:
            yield found


def _read(pods: ServicePods, wanted: Wanted) -> Iterator[Line]:
    from cli.console import say  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    names, without = pods.names(), set()
    if not names:
        raise SandboxError(f"{pods.service} has no pods in the namespace {pods.namespace}")

    def told(pod: str, words: str) -> None:
        without.add(pod)
        say(f"{pod}: {words}")

    yield from pods.merged(names, wanted, told)
    if len(without) == len(names):
        raise typer.Exit(1)


def _plain(line: Line) -> None:
    typer.echo(f"{line.pod}  {line.text}")


def _json(line: Line) -> None:
    typer.echo(json.dumps({"pod": line.pod, "time": line.time or None, "message": line.text}, ensure_ascii=False))


def _coloured() -> Callable[[Line], None]:
    """Each pod in a colour of its own. Of what a line would do to the terminal only colours are let through."""
    from rich.text import Text  # noqa: PLC0415 - only a terminal needs it

    from cli.console import output  # noqa: PLC0415 - only a terminal needs it
    from pod_logs.line import harmless  # noqa: PLC0415 - only a terminal needs it

    console = output()
    colours: dict[str, str] = {}

    def show(line: Line) -> None:
        colour = colours.setdefault(line.pod, _COLOURS[len(colours) % len(_COLOURS)])
        text = Text.from_ansi(harmless(line.text))
        console.print(Text.assemble((f"{line.pod}  ", colour), text), soft_wrap=True)

    return show
