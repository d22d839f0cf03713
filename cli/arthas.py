"""`ackp arthas`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cli.heapdump import PodName
from cli.options import ROOT, AsJson, Context, ServiceName, Stack, StackKubeconfig, demand_service

if TYPE_CHECKING:
    from debugger.arthas import Arthas

Command = Annotated[
    list[str] | None,
    typer.Option(
        "--command",
        "-c",
        metavar="COMMAND",
        help="A command of Arthas to run instead of typing; may be repeated.",
        show_default=False,
    ),
]


def arthas(
    service: ServiceName,
    pod: PodName = None,
    *,
    command: Command = None,
    stack: Stack = "test",
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJson = False,
) -> None:
    """Open Arthas in a pod's JVM, and take it away again however you leave.

    An ephemeral container with the stack's debug.image attaches it, as the same user and without capabilities. `quit`
    leaves, and so does Ctrl-] where nothing answers any more. What is typed and said stands in the container's log.

    Example: ackp arthas study --stack uat -c "thread -n 3"

    Exit codes: 0 it was there and is gone; 1 refused, failed, or left behind, with the reason; 130 ended by Ctrl-C.
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
    from debugger.arthas import Arthas  # noqa: PLC0415 - help does not need it
    from debugger.target import live_target, tools_image  # noqa: PLC0415 - help does not need it
    from debugger.terminal import Terminal, is_terminal  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    commands = [each.strip() for each in command or ()]
    if not all(each and each.isprintable() for each in commands):
        raise typer.BadParameter("--command wants one line of text")
    if json_ and not commands:
        raise typer.BadParameter("--json wants --command: what is typed has no form for machines")
    answers: list[str] = []
    with readable_errors(), until_ctrl_c(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        demand_service(service, settings)
        image = tools_image(settings)
        connection = connected(settings, kubeconfig, context)
        found = live_target(connection, settings, service, pod)
        if not commands and not is_terminal():
            raise SandboxError("this is no terminal to type in: say what Arthas shall do with --command")
        session = Arthas(connection, settings.namespace, found)
        say(f"{found.pod}: Arthas comes into its JVM, and goes with this command")
        try:
            with progress("Starting the container") as told:
                conversation = session.begin(image, commands, told.live)
                if commands:
                    told.live("Waiting for the answers")
                    answers = conversation.answers(commands)
            if not commands:
                with Terminal() as terminal:
                    conversation.talk(terminal)
        finally:
            wrong = _leave(session) if session.left else ""
        if wrong:
            raise typer.Exit(1)
    if json_:
        said = [{"command": asked, "output": answer} for asked, answer in zip(commands, answers, strict=True)]
        what = {"stack": stack, "service": service, "pod": found.pod, "answers": said}
        typer.echo(json.dumps(what, ensure_ascii=False, indent=2))
    else:
        for asked, answer in zip(commands, answers, strict=True):
            typer.echo(f"{asked}\n{answer}\n" if len(commands) > 1 else answer)


def _leave(session: Arthas) -> str:
    """Have Arthas taken away, and say how that went; empty where nothing of it is left, else what was said."""
    from adopt.connection import ClusterError  # noqa: PLC0415 - help does not need it
    from cli.console import progress, say  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    wrong = f"{session.pod}: whether Arthas is gone is not known; it goes as soon as the node sees that nobody is there"
    try:
        with progress("Taking Arthas away") as told:
            wrong = session.end(told.live)
    except (ClusterError, SandboxError) as error:
        wrong = f"{wrong}\n{error}"
    finally:
        say(wrong or f"{session.pod}: nothing of Arthas is left in its JVM")
        say(session.left)
    return wrong
