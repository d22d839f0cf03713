"""`ackp down`."""

from __future__ import annotations

from cli.options import ROOT, Stack


def down(stack: Stack = "test") -> None:
    """Destroy everything of a stack in the sandbox.

    Protected things too. It has no form for a real account: there, `pulumi destroy` refuses what is protected.

    Example: ackp down --stack uat
    """
    from cli.console import in_sandbox, progress  # noqa: PLC0415 - help does not need it
    from cli.tree import counting, summary, tree  # noqa: PLC0415 - help does not need it
    from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

    with in_sandbox() as console:
        with progress("Starting") as live:
            result = Sandbox(ROOT, stack, progress=live).down(lambda changes: live.live(counting(changes)))
        if result is None or not result.changes.changed:
            console.print(f"{stack}: nothing to destroy")
        else:
            console.print(tree(result.changes, stack))
            console.print(summary(result.changes, result.seconds))
