"""`ackp set-image`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, ServiceName, Stack
from cli.stack_edit import DryRun, RegistryHost, is_digest, one_line_errors, opened

if TYPE_CHECKING:
    from improvements.improvement import Stack as LoadedStack
    from rollout.wanted import Wanted

ImageName = Annotated[
    str | None,
    typer.Argument(metavar="[IMAGE]", help="The image, as it was pushed: host/repository:tag.", show_default=False),
]
Tag = Annotated[
    str | None, typer.Option("--tag", metavar="TAG", help="A tag of the service's repository; its digest is looked up.")
]
Digest = Annotated[
    str | None,
    typer.Option("--digest", metavar="sha256:…", help="The digest, alone or beside --tag; the registry is not asked."),
]
Newest = Annotated[
    bool, typer.Option("--from-registry", help="The newest build for this environment's profile, by its timestamp.")
]


def set_image(
    service: ServiceName,
    image: ImageName = None,
    *,
    stack: Stack = "test",
    tag: Tag = None,
    digest: Digest = None,
    from_registry: Newest = False,
    registry: RegistryHost = None,
    dry_run: DryRun = False,
    json_: AsJson = False,
) -> None:
    """Put an image into a stack's file, with its digest, and print the diff; for pipelines and for people.

    Say which: an IMAGE, --tag, --digest, or --from-registry. The login is Docker's: $DOCKER_CONFIG/config.json.
    Nothing is done in the cluster: `pulumi preview` shows what the edited file changes, `pulumi up` does it.

    Example: ackp set-image oauth2 --from-registry --stack uat
    """
    from rollout.reference import reference_of  # noqa: PLC0415 - help does not need it
    from rollout.stack_file import with_wanted  # noqa: PLC0415 - help does not need it
    from rollout.wanted import Wanted, refuse_unknown  # noqa: PLC0415 - help does not need it

    if [image is not None, tag is not None or digest is not None, from_registry].count(True) != 1:
        raise typer.BadParameter("name one of IMAGE, --tag and --digest, --from-registry", param_hint="IMAGE")
    if digest is not None and not is_digest(digest):
        raise typer.BadParameter("sha256: and 64 hexadecimal digits", param_hint="--digest")
    with one_line_errors():
        file = opened(ROOT, stack, image_of=service)
        refuse_unknown(service, file.stack)
        if image is not None:
            named = reference_of(file.stack, service, image)
            tag, digest, registry = named.tag, named.digest, registry or named.host
        wanted = _wanted(file.stack, service, Wanted(tag, digest), registry)
        after = with_wanted(file.text, file.stack, service, wanted)
        said = {"service": service, "image": {"tag": wanted.tag, "digest": wanted.digest}}
        present = f"{service} has this image in {file.path.name} already"
        file.replace(after, said, present, dry_run=dry_run, json_=json_)


def _wanted(stack: LoadedStack, service: str, said: Wanted, host: str | None) -> Wanted:
    """The image with its digest: as it was said, else as the registry has it."""
    from rollout.choice import newest, refuse_other_profile, tagged  # noqa: PLC0415 - help does not need it
    from rollout.registries import registry_for  # noqa: PLC0415 - help does not need it
    from rollout.wanted import repository_of  # noqa: PLC0415 - help does not need it

    if said.tag is not None:
        refuse_other_profile(stack, said.tag)
    if said.digest is not None:
        return said
    named, _ = repository_of(stack, service)
    images = registry_for(stack, named, host)
    return newest(stack, service, images) if said.tag is None else tagged(stack, service, said.tag, images)
