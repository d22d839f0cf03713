"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from config import StackSettings

ROOT = Path(__file__).resolve().parent.parent
"""The project: the folder of Pulumi.yaml, the stack files and `__main__.py`."""


def complete_stack(incomplete: str) -> list[str]:
    """Stack names that begin like this, for the shell's completion."""
    from config import stack_names  # noqa: PLC0415 - only where completion is asked for

    return [name for name in stack_names(ROOT) if name.startswith(incomplete)]


def complete_service(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of services that begin like this, of the stack that is named, or whose file is edited."""
    from config import SettingsError, read_stack  # noqa: PLC0415 - only where completion is asked for

    try:
        services = read_stack(str(ctx.params.get("to") or ctx.params.get("stack")), ROOT).values.get("services")
    except SettingsError:
        return []
    return [name for name in services if name.startswith(incomplete)] if isinstance(services, dict) else []


def demand_service(service: str, settings: StackSettings) -> None:
    """Refuse a service that a stack does not run.

    Raises:
        SandboxError: It names the nearest one.
    """
    if service not in settings.services:
        from config.errors import did_you_mean  # noqa: PLC0415 - only where it is none
        from sandbox.problem import SandboxError  # noqa: PLC0415 - only where it is none

        near = did_you_mean(service, settings.services)
        raise SandboxError(f"{service} is no service of the stack {settings.stack}; {near}")


Stack = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        envvar="STACK",
        metavar="STACK",
        help="The environment: the STACK of a file Pulumi.STACK.yaml.",
        autocompletion=complete_stack,
    ),
]
"""`--stack`, for a parameter with the default `"test"`."""

StackName = Annotated[
    str,
    typer.Argument(
        metavar="STACK",
        help="The STACK of a file Pulumi.STACK.yaml.",
        autocompletion=complete_stack,
        show_default=False,
    ),
]
"""A stack as the command's argument."""
ServiceName = Annotated[
    str,
    typer.Argument(metavar="SERVICE", help="The service.", autocompletion=complete_service, show_default=False),
]
"""A service as the command's argument."""
Pod = Annotated[
    str | None,
    typer.Option("--pod", metavar="POD", help="The service's pod; left out: the first that runs.", show_default=False),
]
"""`--pod` of a command that works with one pod of a service."""
StackKubeconfig = Annotated[
    Path | None,
    typer.Option(
        "--kubeconfig", metavar="FILE", help="How to reach the cluster; unset: the stack's own file, or ~/.kube/config."
    ),
]
"""`--kubeconfig` of the cluster that a stack is in."""
Context = Annotated[str | None, typer.Option("--context", help="The kubeconfig's context; its current one if unset.")]
"""`--context`, beside a `--kubeconfig` whose meaning each command says."""
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, for tools.")]
"""`--json`: the one form for machines that every command has which shows data."""
AsJsonLines = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output, for tools.")]
"""`--json` of a command whose data comes bit by bit."""
AsJsonList = Annotated[bool, typer.Option("--json", help="One JSON list on standard output, for tools.")]
"""`--json` of a command that shows things of one kind."""
PriceFile = Annotated[
    Path | None,
    typer.Option(
        "--prices",
        envvar="ACKP_PRICES",
        metavar="FILE",
        help="Your own prices, in the form of cost/prices.yaml.",
        show_default=False,
    ),
]
"""`--prices`, for a parameter with the default None."""
