"""`ackp outputs`."""

from __future__ import annotations

import json
import sys

from cli.options import ROOT, Stack


def outputs(stack: Stack = "test") -> None:
    """Print the outputs of a stack in the sandbox as JSON.

    Nothing else is written to standard output.

    For a real account: `pulumi stack output --json --stack STACK`.

    Example: ackp outputs --stack uat
    """
    from cli.console import progress, readable_errors  # noqa: PLC0415 - help does not need it
    from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

    with readable_errors(), progress("Reading") as live:
        found = Sandbox(ROOT, stack, progress=live).outputs()
    json.dump(found, sys.stdout, indent=2, ensure_ascii=False, sort_keys=True)
    print()
