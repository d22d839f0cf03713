"""`ackp restart`."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from cli.options import ROOT, AsJson, ServiceName, Stack
from cli.stack_edit import DryRun, one_line_errors, opened


def restart(service: ServiceName, *, stack: Stack = "test", dry_run: DryRun = False, json_: AsJson = False) -> None:
    """Ask for a restart of a service's pods (重新部署) in the stack's file, and print the diff.

    The file holds the time, as restartedAt. The next `pulumi up` rolls the pods, one after the other, by that one
    annotation of the pod template; the same file restarts nothing again. Nothing is done in the cluster.

    Example: ackp restart study --stack uat
    """
    from rollout.stack_file import with_restart  # noqa: PLC0415 - help does not need it
    from rollout.wanted import refuse_unknown  # noqa: PLC0415 - help does not need it

    with one_line_errors():
        file = opened(ROOT, stack)
        refuse_unknown(service, file.stack)
        moment = _now().strftime("%Y-%m-%dT%H:%M:%SZ")
        after = with_restart(file.text, file.stack, service, moment)
        image = file.stack.settings.services[service].image
        if image.moves:
            typer.echo(f"note: the restart brings whatever {image.tag} names by then", err=True)
        present = f"{service} has this restart in {file.path.name} already"
        said = {"service": service, "restartedAt": moment}
        file.replace(after, said, present, dry_run=dry_run, json_=json_)


def _now() -> datetime:
    return datetime.now(UTC)
