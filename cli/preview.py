"""`ackp preview`."""

from __future__ import annotations

from cli.options import ROOT, Stack


def preview(stack: Stack = "test") -> None:
    """Say what `ackp up` would do in the sandbox, and change nothing.

    `+` is created, `~` updated, `±` replaced, `-` deleted; beside an update stand the properties that change.

    For a real account: `pulumi preview --stack STACK`.
    """
    from cli.console import in_sandbox, progress, show_warnings  # noqa: PLC0415 - help does not need it
    from cli.patches import show_debt  # noqa: PLC0415 - help does not need it
    from cli.tree import counting, summary, tree  # noqa: PLC0415 - help does not need it
    from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

    with in_sandbox() as console:
        with progress("Starting") as live:
            result = Sandbox(ROOT, stack, progress=live).preview(lambda changes: live.live(counting(changes)))
        show_warnings(result.changes)
        if result.changes.changed:
            console.print(tree(result.changes, stack))
            console.print(summary(result.changes, result.seconds, planned=True))
        else:
            console.print(f"{stack}: nothing would change, {summary(result.changes, result.seconds)}")
        show_debt(console, stack)
