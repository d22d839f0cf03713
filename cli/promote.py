"""`ackp promote`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, ServiceName, complete_stack
from cli.stack_edit import (
    DryRun,
    RegistryHost,
    is_digest,
    loaded_stack,
    one_line_errors,
    opened,
)

if TYPE_CHECKING:
    from improvements.improvement import Stack
    from rollout.wanted import Wanted


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


def promote(
    service: ServiceName,
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

    Example: ackp promote study --from test --to uat
    """
    from rollout.stack_file import with_wanted  # noqa: PLC0415 - help does not need it
    from rollout.wanted import refuse_unknown  # noqa: PLC0415 - help does not need it

    if from_ == to:
        raise typer.BadParameter("name two different stacks", param_hint="--to")
    if digest is not None and not is_digest(digest):
        raise typer.BadParameter("sha256: and 64 hexadecimal digits", param_hint="--digest")
    with one_line_errors():
        source, target = loaded_stack(ROOT, from_), opened(ROOT, to, image_of=service)
        refuse_unknown(service, source, target.stack)
        wanted = _wanted(source, target.stack, service, digest, registry)
        after = with_wanted(target.text, target.stack, service, wanted)
        said = {"service": service, "image": {"tag": wanted.tag, "digest": wanted.digest}}
        present = f"{service} has this image in {target.path.name} already"
        target.replace(after, said, present, dry_run=dry_run, json_=json_)


def _wanted(source: Stack, target: Stack, service: str, digest: str | None, host: str | None) -> Wanted:
    from parity.promotion import wanted_image  # noqa: PLC0415 - help does not need it
    from rollout.registries import registry_for  # noqa: PLC0415 - help does not need it
    from rollout.wanted import repository_of  # noqa: PLC0415 - help does not need it

    named, _ = repository_of(target, service)
    return wanted_image(source, target, service, registry_for(target, named, host), digest)
