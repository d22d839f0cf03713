"""`ackp promote`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.file_diff import show, unified
from cli.options import ROOT, AsJson, complete_stack, services_beginning

if TYPE_CHECKING:
    from improvements.improvement import Stack
    from parity.promotion import Wanted


def complete_service(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of the target's services that begin like this."""
    return services_beginning(ctx.params.get("to"), incomplete)


Service = Annotated[
    str,
    typer.Argument(metavar="SERVICE", help="The service.", autocompletion=complete_service, show_default=False),
]
From = Annotated[
    str,
    typer.Option("--from", metavar="STACK", help="Where its image was tried.", autocompletion=complete_stack),
]
To = Annotated[
    str,
    typer.Option(
        "--to", metavar="STACK", help="Where it is to run; this file is edited.", autocompletion=complete_stack
    ),
]
Digest = Annotated[
    str | None,
    typer.Option("--digest", metavar="sha256:…", help="The digest that is to run there; the registry is not asked."),
]
RegistryHost = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="HOST",
        help="The registry's address from here, where the one in the stack file is reached inside the VPC only.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the diff and write nothing.")]


def promote(
    service: Service,
    from_: From,
    to: To,
    *,
    digest: Digest = None,
    registry: RegistryHost = None,
    dry_run: DryRun = False,
    json_: AsJson = False,
) -> None:
    """Put the image that a service runs in one stack into the file of another, and print the diff.

    An image that fits every environment is taken over by its digest. One that was built for a profile has a sibling,
    built for the other profile from the same version and commit: it is looked up in the registry, or the build that is
    missing is named. The login is Docker's: $DOCKER_CONFIG/config.json. Nothing is done in the cluster.
    """
    from cli.console import output, readable_errors  # noqa: PLC0415 - help does not need it
    from config.files import replace_text  # noqa: PLC0415 - help does not need it
    from parity.promotion import PromotionError, promoted, refuse_unknown  # noqa: PLC0415 - help does not need it
    from parity.registry import RegistryError  # noqa: PLC0415 - help does not need it
    from sandbox.network import WayFailedError  # noqa: PLC0415 - help does not need it

    if from_ == to:
        raise typer.BadParameter("name two different stacks", param_hint="--to")
    if digest is not None and not _is_digest(digest):
        raise typer.BadParameter("sha256: and 64 hexadecimal digits", param_hint="--digest")
    path = ROOT / f"Pulumi.{to}.yaml"
    with readable_errors():
        source, target = _load(from_), _load(to)
        try:
            refuse_unknown(service, source, target)
            text = path.read_bytes().decode()
            wanted = _wanted(source, target, service, digest, registry)
            after = promoted(text, target, service, wanted)
            if after != text and not dry_run:
                if path.read_bytes().decode() != text:
                    _refuse(f"{path.name} was changed meanwhile; nothing was written. Run it again")
                replace_text(path, after)
        except (PromotionError, RegistryError, WayFailedError) as error:
            _refuse(f"{error}. Nothing was written")
        except OSError as error:
            _refuse(f"{path.name} cannot be written: {error.strerror}. Nothing was written")
    diff = unified(path.name, text, after)
    if json_:
        image = {"tag": wanted.tag, "digest": wanted.digest}
        written = bool(diff) and not dry_run
        typer.echo(json.dumps({"service": service, "image": image, "diff": diff, "written": written}, indent=2))
        return
    console = output()
    show(console, diff)
    if not diff:
        console.print(f"{service} has this image in {path.name} already", markup=False)
    elif dry_run:
        console.print(f"{path.name}: not written", markup=False)
    else:
        console.print(f"{path.name}: written; read `pulumi preview --stack {to}` before `pulumi up`", markup=False)


def _load(stack: str) -> Stack:
    from config import CATALOGUE, read_stack  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it
    from improvements.improvement import Stack  # noqa: PLC0415 - help does not need it

    return Stack.load(read_stack(stack, ROOT), read_yaml(CATALOGUE))


def _wanted(source: Stack, target: Stack, service: str, digest: str | None, host: str | None) -> Wanted:
    from parity.promotion import repository_of, wanted_image  # noqa: PLC0415 - help does not need it
    from parity.registry import Registry  # noqa: PLC0415 - help does not need it

    named, _ = repository_of(target, service)
    return wanted_image(source, target, service, Registry(host or named, named), digest)


def _is_digest(text: str) -> bool:
    import re  # noqa: PLC0415 - help does not need it

    return re.fullmatch(r"sha256:[0-9a-f]{64}", text) is not None


def _refuse(text: str) -> NoReturn:
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(1)
