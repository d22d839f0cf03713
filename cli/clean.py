"""`ackp clean`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, Context, StackKubeconfig, StackName, complete_service, demand_service

if TYPE_CHECKING:
    from config import StackSettings

REFUSED = 3
"""The exit code where the run refused, and nothing is removed."""
_SCRIPT_REFUSED = 2


Service = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="SERVICE",
        help="Only this service's.",
        autocompletion=complete_service,
        show_default=False,
    ),
]
Apply = Annotated[bool, typer.Option("--apply", help="Remove them. Left out: only say what would be removed.")]


def clean(
    stack: StackName,
    *,
    service: Service = None,
    apply: Apply = False,
    kubeconfig: StackKubeconfig = None,
    context: Context = None,
    json_: AsJson = False,
) -> None:
    """Remove old logs, GC logs and heap dumps from the NAS now, by the rules of the stack's logRetention.

    A Job runs in the cluster as the CronJob's own would, and is removed afterwards. Without --apply it only reports.
    With it, directories without the mark .log-retention are left alone as ever.

    Example: ackp clean uat --service study

    Exit codes: 0 done; 1 something could not be removed, or the cluster refused; 3 the run refused, and nothing is
    removed; 130 ended by Ctrl-C.
    """
    from adopt.stack_cluster import connect  # noqa: PLC0415 - help does not need it
    from cli.console import cluster_errors, progress, readable_errors, say  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from retention.job import job  # noqa: PLC0415 - help does not need it
    from retention.run import Run  # noqa: PLC0415 - help does not need it

    with readable_errors(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        _demand_a_directory(settings, service)
        run = Run(connect(settings, kubeconfig, context), settings.namespace)
        try:
            with progress("Asking for the CronJob") as told:
                run.begin(job(run.cron_job(), settings, service, apply=apply))
                run.wait(told.live)
            lines = []
            for line in run.lines():
                lines.append(line)
                if not json_:
                    typer.echo(line)
        finally:
            if left := run.end():
                say(left)
    if json_:
        from retention.report import report  # noqa: PLC0415 - only this form needs it

        said = {"stack": stack, "service": service, "dryRun": not apply, "exitCode": run.exit_code, **report(lines)}
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
    elif not apply:
        say("Nothing was removed. --apply removes it.")
    raise typer.Exit(REFUSED if run.exit_code == _SCRIPT_REFUSED else min(run.exit_code or 0, 1))


def _demand_a_directory(settings: StackSettings, service: str | None) -> None:
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    if settings.log_retention is None:
        raise SandboxError(f"The stack {settings.stack} has no logRetention: set logRetention.image in its stack file")
    if service is not None:
        demand_service(service, settings)
        if settings.sub_path(service) is None:
            raise SandboxError(f"The service {service} has no directory on the NAS: services.{service}.nas is unset")
