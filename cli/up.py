"""`ackp up`."""

from __future__ import annotations

from cli.options import ROOT, Stack


def up(stack: Stack = "test") -> None:
    """Bring a stack up in the sandbox.

    Creates and updates what the stack's file says. Prints what changed, as a tree by component, then the outputs. Run
    it again and nothing changes. Whatever is missing on this machine, such as the Pulumi engine, is fetched or built
    first, once.

    For a real account: `pulumi up --stack STACK`.

    Example: ackp up --stack uat
    """
    import yaml  # noqa: PLC0415 - help does not need it

    from cli.console import in_sandbox, progress, show_warnings  # noqa: PLC0415 - help does not need it
    from cli.patches import show_debt  # noqa: PLC0415 - help does not need it
    from cli.tree import counting, summary, tree  # noqa: PLC0415 - help does not need it
    from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

    with in_sandbox() as console:
        with progress("Starting") as live:
            result = Sandbox(ROOT, stack, progress=live).up(lambda changes: live.live(counting(changes)))
        show_warnings(result.changes)
        if result.changes.changed:
            console.print(tree(result.changes, stack))
            console.print(summary(result.changes, result.seconds))
        else:
            console.print(f"{stack}: nothing changed, {summary(result.changes, result.seconds)}")
        show_debt(console, stack)
        if result.outputs:
            console.print("\noutputs", style="bold")
            console.print(yaml.safe_dump(result.outputs, allow_unicode=True, sort_keys=True), markup=False, end="")
