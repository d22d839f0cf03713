"""`ackp reach`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import (
    ROOT,
    AsJson,
    Context,
    Pod,
    ServiceName,
    Stack,
    StackKubeconfig,
    complete_service,
    demand_service,
)

if TYPE_CHECKING:
    from reach.destination import Destination
    from reach.steps import Step

UNREACHED = 3
"""The exit code where a step of the way fails."""

To = Annotated[
    str,
    typer.Argument(
        metavar="TO",
        help="SERVICE or SERVICE:PORT of the same stack, HOST:PORT, or a URL.",
        autocompletion=complete_service,
        show_default=False,
    ),
]


def reach(
    service: ServiceName,
    to: To,
    *,
    stack: Stack = "test",
    pod: Pod = None,
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJson = False,
) -> None:
    """Say whether a service's pods reach another service, a host or a URL, and which step of the way fails.

    curl is run in a pod of the service: the name is looked up, a connection made, TLS agreed on, an answer waited for.
    Of HOST:PORT only the connection is tried. Of a failure the likely cause and the mend are said. An HTTP status below
    500 is an answer.

    Example: ackp reach study gateway --stack uat

    Exit codes: 0 reached; 3 a step failed; 1 it could not be tried, with the reason; 130 ended by Ctrl-C.
    """
    from cli.console import cluster_errors, connected, readable_errors, say, until_ctrl_c  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from debugger.target import live_pods, live_target  # noqa: PLC0415 - help does not need it
    from reach.destination import elsewhere, of_service, stated_service  # noqa: PLC0415 - help does not need it
    from reach.run import ask  # noqa: PLC0415 - help does not need it
    from reach.steps import Way, ready_pods  # noqa: PLC0415 - help does not need it

    with readable_errors(), until_ctrl_c(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        demand_service(service, settings)
        other = stated_service(settings, to)
        destination = None if other else elsewhere(settings, to)
        connection = connected(settings, kubeconfig, context)
        found = live_target(connection, settings, service, pod, "prober")
        ready = 0
        if other:
            pods = live_pods(connection, settings, other, "prober")
            destination, ready = of_service(settings, other, to, pods), ready_pods(pods)
        assert destination  # noqa: S101 - a service is one, and all else is
        if destination.note:
            say(destination.note)
        answer = ask(connection, settings, found, destination, say)
        steps = Way(settings, service, destination, answer, ready).steps()
    if json_:
        typer.echo(json.dumps(_as_json(stack, service, found.pod, destination, steps), ensure_ascii=False, indent=2))
    else:
        _show(f"{found.pod} to {destination.place}{destination.path}", steps)
    if not steps[-1].reached:
        raise typer.Exit(UNREACHED)


def _as_json(stack: str, service: str, pod: str, destination: Destination, steps: list[Step]) -> dict[str, object]:
    return {
        "stack": stack,
        "service": service,
        "pod": pod,
        "host": destination.host,
        "port": destination.port,
        "path": destination.path or None,
        "reached": steps[-1].reached,
        "steps": [
            {
                "step": each.name,
                "reached": each.reached,
                "said": each.said,
                "milliseconds": each.milliseconds,
                "cause": each.cause or None,
                "mend": each.mend or None,
            }
            for each in steps
        ],
    }


def _show(title: str, steps: list[Step]) -> None:
    from rich.table import Table  # noqa: PLC0415 - help does not need it
    from rich.text import Text  # noqa: PLC0415 - help does not need it

    from cli.console import output  # noqa: PLC0415 - help does not need it
    from pod_logs.line import harmless  # noqa: PLC0415 - help does not need it

    console = output()
    console.print(title, markup=False, soft_wrap=True)
    table = Table("step", "", "found", "ms", box=None, pad_edge=False)
    for each in steps:
        style = "green" if each.reached else "bold red"
        spent = "" if each.milliseconds is None else f"{each.milliseconds:.1f}"
        table.add_row(each.name, Text("ok" if each.reached else "failed", style), Text(harmless(each.said)), spent)
    console.print(table)
    for label, text in (("cause", steps[-1].cause), ("mend", steps[-1].mend)):
        if text:
            console.print(f"  {label:<6} {text}", markup=False, soft_wrap=True)
