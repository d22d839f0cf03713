"""`ackp cluster`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.options import ROOT


class Action(StrEnum):
    """What to do with the control plane."""

    up = "up"
    down = "down"


def cluster(
    action: Annotated[Action, typer.Argument(metavar="up|down", help="Start it, or end and remove it.")],
) -> None:
    """A real Kubernetes control plane on this machine, with imitated nodes.

    API server, controller manager, scheduler and etcd are the real ones; kwok plays four nodes in two zones, on which
    pods become Ready without running anything. The definitions of AlbConfig and PodEIP are there, the controllers that
    act on them are not. `up` builds the programs first, once, and prints the line to point kubectl at it.

    Example: ackp cluster up
    """
    from cli.console import output, progress, readable_errors  # noqa: PLC0415 - help does not need it
    from cluster.plane import Cluster  # noqa: PLC0415 - help does not need it
    from sandbox.engine import WayFailedError  # noqa: PLC0415 - help does not need it
    from sandbox.place import default_place  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    plane = Cluster(default_place(ROOT).directory / "cluster")
    console = output()
    with readable_errors():
        if action is Action.down:
            console.print("Control plane: ended and removed" if plane.down() else "Control plane: there is none")
            return
        with progress("Control plane") as live:
            try:
                plane.up(live)
            except WayFailedError as reason:
                raise SandboxError(f"The control plane cannot be built: {reason}") from None
        console.print(f"export KUBECONFIG={plane.kubeconfig}", markup=False)
