"""`ackp preview`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import ROOT, Stack

PolicyPacks = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack", metavar="DIR", help="Judge what would be by this policy pack, `policies` say."),
]


def preview(stack: Stack = "test", *, policy_pack: PolicyPacks = None) -> None:
    """Say what `ackp up` would do in the sandbox, and change nothing.

    `+` is created, `~` updated, `±` replaced, `-` deleted; beside an update stand the properties that change.

    For a real account: `pulumi preview --stack STACK`.

    Example: ackp preview --stack uat --policy-pack policies
    """
    from cli.console import in_sandbox, progress, show_warnings  # noqa: PLC0415 - help does not need it
    from cli.patches import show_debt  # noqa: PLC0415 - help does not need it
    from cli.tree import counting, summary, tree  # noqa: PLC0415 - help does not need it
    from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

    with in_sandbox() as console:
        with progress("Starting") as live:
            sandbox = Sandbox(ROOT, stack, progress=live, policy_packs=policy_pack or ())
            result = sandbox.preview(lambda changes: live.live(counting(changes)))
        show_warnings(result.changes)
        if result.changes.changed:
            console.print(tree(result.changes, stack))
            console.print(summary(result.changes, result.seconds, planned=True))
        else:
            console.print(f"{stack}: nothing would change, {summary(result.changes, result.seconds)}")
        show_debt(console, stack)
