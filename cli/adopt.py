"""`ackp adopt`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, Context

if TYPE_CHECKING:
    from adopt.adoption import Adoption
    from adopt.connection import Connection
    from adopt.files import Files
    from adopt.known import Known, VSwitch

KUBECONFIG = Path("~/.kube/config")

Stack = Annotated[str, typer.Argument(metavar="STACK", help="The stack: an environment's name, perhaps with a word.")]
Namespace = Annotated[str, typer.Option("--namespace", "-n", metavar="NS", help="The live namespace.")]
Kubeconfig = Annotated[Path, typer.Option("--kubeconfig", metavar="FILE", help="How to reach the cluster.")]
ClusterId = Annotated[str | None, typer.Option("--cluster-id", metavar="ID", help="The cluster's id (集群 ID).")]
Region = Annotated[str | None, typer.Option("--region", help="Its region; unset: that of the nodes.")]
Vpc = Annotated[str | None, typer.Option("--vpc", metavar="ID", help="Its VPC.")]
VSwitches = Annotated[
    list[str] | None,
    typer.Option("--v-switch", metavar="ID,ZONE,CIDR", help="A vSwitch of its nodes or pods; may be repeated."),
]
Network = Annotated[str | None, typer.Option("--network", help="terway or flannel, where nothing in NS tells it.")]
NacosVersion = Annotated[
    str | None, typer.Option("--nacos-version", help="1.x, 2.x or 3.x: write the Nacos that services name.")
]
Leave = Annotated[
    list[str] | None,
    typer.Option("--leave", metavar="DEPLOYMENT", help="A Deployment that is not this stack's; may be repeated."),
]
Apply = Annotated[bool, typer.Option("--apply", help="Then make this program the owner of the fields that it states.")]
State = Annotated[
    bool, typer.Option("--state", help="Only bring what --apply took over into the state of your own pulumi.")
]


def adopt(  # noqa: PLR0917 - Typer takes options from parameters
    stack: Stack,
    namespace: Namespace,
    kubeconfig: Kubeconfig = KUBECONFIG,
    context: Context = None,
    cluster_id: ClusterId = None,
    region: Region = None,
    vpc: Vpc = None,
    v_switch: VSwitches = None,
    network: Network = None,
    nacos_version: NacosVersion = None,
    leave: Leave = None,
    apply: Apply = False,
    state: State = False,
    json_: AsJson = False,
) -> None:
    """Take over what a live namespace runs: nothing is created, replaced or restarted.

    Reads the namespace, writes Pulumi.STACK.yaml and what is missing in config/services.yaml, and prints what is
    adopted, given, left alone, and not expressible by a setting: that stays as it is by a patch of the service. What
    the cluster does not tell is asked by options; what is still unknown then is a placeholder that `ackp check`
    refuses. A file that is there already is only added to. Secrets in plain text stay where they are and are named.

    With --apply the owners of each object's fields are shown, and the fields of people and their tools become this
    program's: a field that is removed from the stack later is then really removed. Of the objects nothing changes but
    that, and the annotations pulumi.com/*.

    With --state, afterwards, `pulumi up` runs with a kubernetes provider that only reads: it finds the objects where it
    would create them, and they are the stack's from then on. `pulumi preview` has nothing to show then.

    Example: ackp adopt prod --namespace prod --kubeconfig prod.kubeconfig

    Exit code 1 if an object would change, or the stack file says otherwise.
    """
    from adopt.known import Known  # noqa: PLC0415 - help does not need it
    from cli.adoption_report import as_json, show, show_managers, show_next  # noqa: PLC0415 - help does not need it
    from cli.console import readable_errors  # noqa: PLC0415 - help does not need it

    known = Known(
        stack,
        cluster_id,
        region,
        vpc,
        tuple(map(_v_switch, v_switch or ())),
        _one_of("--network", network, ("terway", "flannel")),
        _one_of("--nacos-version", nacos_version, ("1.x", "2.x", "3.x")),
        str(kubeconfig),
        tuple(leave or ()),
    )
    with readable_errors(), _reports():
        if state:
            raise typer.Exit(_into_state(stack, kubeconfig, context))
        connection, adoption, files = _worked_out(known, namespace, kubeconfig, context)
        written = sorted(str(path.relative_to(ROOT)) for path in files.texts)
        files.write()
        if not json_:
            show(adoption, written)
        if apply and not adoption.open:
            if not json_:
                show_managers(adoption)
            _take_over(adoption, connection)
        if json_:
            typer.echo(json.dumps(as_json(adoption, written, applied=apply and not adoption.open), indent=2))
        else:
            show_next(adoption, known, namespace, applied=apply)
    if adoption.open:
        raise typer.Exit(1)


@contextmanager
def _reports() -> Iterator[None]:
    """End the command with the report of what cannot go on."""
    from adopt.connection import ClusterError  # noqa: PLC0415 - help does not need it
    from adopt.finding import AdoptError  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    try:
        yield
    except (AdoptError, ClusterError) as error:
        raise SandboxError(str(error)) from None


def _worked_out(
    known: Known, namespace: str, kubeconfig: Path, context: str | None
) -> tuple[Connection, Adoption, Files]:
    from adopt import adoption  # noqa: PLC0415 - help does not need it
    from adopt.account import read_account  # noqa: PLC0415 - help does not need it
    from adopt.account_findings import account_findings  # noqa: PLC0415 - help does not need it
    from adopt.cluster import read  # noqa: PLC0415 - help does not need it
    from adopt.connection import Connection  # noqa: PLC0415 - help does not need it
    from adopt.files import files_of  # noqa: PLC0415 - help does not need it
    from adopt.platform import region_of  # noqa: PLC0415 - help does not need it
    from cli.console import progress  # noqa: PLC0415 - help does not need it
    from config import CATALOGUE, SettingsError, read_stack  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it

    said: dict[str, object] = {}
    if (ROOT / f"Pulumi.{known.stack}.yaml").exists():
        source = read_stack(known.stack, ROOT)
        if source.problems:
            raise SettingsError(source.file.name, source.problems)
        said = dict(source.values)
    with progress("Reading the cluster") as told:
        snapshot = read(kubeconfig, namespace, progress=told, context=context)
        connection = Connection(kubeconfig, context)
        told.live("Reading the cloud account")
        account = read_account(snapshot, connection.server, known, known.region or region_of(snapshot))
        known = account.filled(known)
        told.live("Comparing with what the settings build, by dry runs")
        found = adoption.adopt(snapshot, connection, known, read_yaml(CATALOGUE).values, said)
        found = replace(found, findings=(*found.findings, *account_findings(account, snapshot)))
    return connection, found, files_of(found, known, ROOT, CATALOGUE, said)


def _into_state(stack: str, kubeconfig: Path, context: str | None) -> int:
    from adopt.connection import Connection  # noqa: PLC0415 - help does not need it
    from adopt.engine import into_state  # noqa: PLC0415 - help does not need it
    from adopt.server import ApiServer  # noqa: PLC0415 - help does not need it

    return min(into_state(stack, ROOT, ApiServer(Connection(kubeconfig, context))), 1)


def _take_over(adoption: Adoption, connection: Connection) -> None:
    from adopt.adoption import take_over  # noqa: PLC0415 - help does not need it
    from cli.console import progress  # noqa: PLC0415 - help does not need it

    with progress("Taking over the fields"):
        take_over(adoption, connection)


def _v_switch(text: str) -> VSwitch:
    from adopt.known import VSwitch  # noqa: PLC0415 - help does not need it

    parts = text.split(",")
    if len(parts) != 3:  # noqa: PLR2004 - as the option says
        raise typer.BadParameter(f"--v-switch must be ID,ZONE,CIDR; it is {text}")
    return VSwitch(*parts)


def _one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        raise typer.BadParameter(f"{option} must be one of {', '.join(allowed)}; it is {value}")
    return value
