"""`ackp watch`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.durations import duration
from cli.options import ROOT, AsJsonLines, Context, StackKubeconfig, StackName, complete_service, demand_service

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from diagnosis.service import Finding, Service
    from diagnosis.watch import Watch

UNREADY = 3
"""The exit code where a service is not ready, and will not be or was not in time."""
_LOOK_SECONDS = 2.0
_SETTLE_SECONDS = 5.0
"""For how long all has to stay ready: a program without probes is taken for ready until it ends."""


Service_ = Annotated[
    str | None,
    typer.Argument(metavar="SERVICE", help="Only this one.", autocompletion=complete_service, show_default=False),
]
Timeout = Annotated[
    int, typer.Option("--timeout", metavar="DURATION", parser=duration, help="How long to wait at most.")
]


def watch(
    stack: StackName,
    service: Service_ = None,
    *,
    timeout: Timeout = "15m",  # type: ignore[assignment] # as it is typed; the parser makes seconds of it
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJsonLines = False,
) -> None:
    """Wait until every service of a stack is ready, and say what keeps one that is not.

    Of each trouble it tells which pods, since when, what Kubernetes says, how the container ended, its last 20 lines,
    the likely cause and the mend. It ends as soon as all is ready, or as something has stood for so long that waiting
    helps no more. An API server that restarts is waited for. Nothing is changed.

    Example: pulumi up --stack uat && ackp watch uat

    Exit codes: 0 all ready; 3 not ready: something is in the way, or --timeout is over; 1 the cluster could not be
    read; 130 ended by Ctrl-C.
    """
    from cli.console import cluster_errors, connected, readable_errors, say, until_ctrl_c  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from diagnosis.watch import Watch  # noqa: PLC0415 - help does not need it

    with readable_errors(), until_ctrl_c(), cluster_errors(), ExitStack() as shown:
        settings = load_stack(stack, ROOT, secrets="generated")
        if service is not None:
            demand_service(service, settings)
        connection = connected(settings, kubeconfig, context)
        looked = Watch(connection, settings, [service] if service else list(settings.services))
        show = _json() if json_ else _text(shown)
        ended = _until_ready(looked, show, timeout)
    if ended:
        say(ended)
        raise typer.Exit(UNREADY)


def _until_ready(watch: Watch, show: Callable[[list[Service]], None], timeout: float) -> str:
    """Look until all is ready; returns why it ended otherwise."""
    from adopt.connection import UnreachableError  # noqa: PLC0415 - help does not need it
    from cli.console import say  # noqa: PLC0415 - help does not need it
    from diagnosis.service import failed  # noqa: PLC0415 - help does not need it

    end = time.monotonic() + timeout
    away, first, since = False, True, None
    while True:
        try:
            services = watch.look()
        except UnreachableError as error:
            if first:
                raise
            if not away:
                say(f"{error.what}: {error.said}. Trying again")
            away = True
        else:
            if away:
                say("The API server answers again")
            away = first = False
            show(services)
            since = (since or time.monotonic()) if all(each.done for each in services) else None
            if since and time.monotonic() - since >= _SETTLE_SECONDS:
                return ""
            if failed(services):
                return "Not ready: what is told above does not go away by waiting."
        if time.monotonic() > end:
            return f"Not ready after {timeout:.0f} s."
        time.sleep(_LOOK_SECONDS)


def _json() -> Callable[[list[Service]], None]:
    """Each change of a service is a line."""
    before: dict[str, dict[str, Any]] = {}

    def show(services: list[Service]) -> None:
        for each in services:
            found = _as_json(each)
            if before.get(each.name) != found:
                before[each.name] = found
                typer.echo(json.dumps(found, ensure_ascii=False))

    return show


def _as_json(service: Service) -> dict[str, Any]:
    return {
        "service": service.name,
        "state": "ready" if service.done else "not ready",
        "ready": service.ready,
        "wanted": service.wanted,
        "old": service.old,
        "findings": [
            {
                "problem": each.problem.name.lower(),
                "title": each.problem.title,
                "pods": list(each.pods),
                "since": each.since or None,
                "said": each.said,
                "exit": each.exit or None,
                "lines": list(each.lines),
                "cause": each.cause,
                "mend": each.mend,
            }
            for each in service.findings
        ],
    }


def _text(shown: ExitStack) -> Callable[[list[Service]], None]:
    """Each change is a line, and each finding a block; on a terminal the table of all stays below them."""
    from rich.live import Live  # noqa: PLC0415 - help does not need it

    from cli.console import output  # noqa: PLC0415 - help does not need it

    console = output()
    live = Live(console=console, auto_refresh=False) if sys.stdout.isatty() else None
    if live:
        shown.enter_context(live)
    states: dict[str, str] = {}
    told: set[tuple[str, str, str]] = set()

    def show(services: list[Service]) -> None:
        for each in services:
            state = f"{each.name}: {each.ready} of {each.wanted} pods ready, {each.state}"
            if not live and states.get(each.name) != state:
                console.print(state, style="green" if each.done else "", markup=False, soft_wrap=True)
            states[each.name] = state
            for finding in each.findings:
                key = (finding.service, finding.problem.name, finding.container)
                if key not in told:
                    told.add(key)
                    _block(console, finding)
        if live:
            live.update(_table(services), refresh=True)

    return show


def _block(console: Console, finding: Finding) -> None:
    from pod_logs.line import harmless  # noqa: PLC0415 - help does not need it

    console.print(f"{finding.service}: {finding.problem.title}", style="bold red", markup=False, soft_wrap=True)
    others = len(finding.pods) - 1
    pods = f"{finding.pods[0]}{f' and {others} more' if others else ''}" if finding.pods else ""
    rows = [("pod", pods), ("since", finding.since), ("said", finding.said), ("exit", finding.exit)]
    rows += [("log", line) for line in finding.lines]
    rows += [("cause", finding.cause), ("mend", finding.mend)]
    before = ""
    for label, text in rows:
        if text or label == "log":
            head = "" if label == before else label
            for line in text.splitlines() or [""]:
                console.print(f"  {head:<6} {harmless(line)}".rstrip(), markup=False, soft_wrap=True)
                head = ""
        before = label


def _table(services: list[Service]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - help does not need it

    table = Table("service", "ready", "since", "state", box=None, pad_edge=False)
    for each in services:
        since = min((finding.since for finding in each.findings if finding.since), default="")
        style = "green" if each.done else "red" if each.findings else "yellow"
        table.add_row(each.name, f"{each.ready}/{each.wanted}", since, each.state, style=style)
    return table
