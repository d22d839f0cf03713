"""`ackp rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, ServiceName, Stack
from cli.stack_edit import DryRun, RegistryHost, one_line_errors, opened

if TYPE_CHECKING:
    from improvements.improvement import Stack as LoadedStack
    from rollout.history import Past
    from rollout.wanted import Wanted

_LISTED = 10
"""Images that are listed; the rest is counted."""

To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="COMMIT|DIGEST",
        help="A digest, the commit in an image's tag, or a commit of this repository; the image before if left out.",
    ),
]


def rollback(
    service: ServiceName,
    *,
    stack: Stack = "test",
    to: To = None,
    registry: RegistryHost = None,
    dry_run: DryRun = False,
    json_: AsJson = False,
) -> None:
    """Put an image that a service had before back into the stack's file, and print the diff.

    The history is git's history of the file. Without --to the images are listed, and the one before is taken. Only the
    image goes back, and nothing is done in the cluster: commit, `pulumi preview`, `pulumi up`. The registry is asked
    whether it still has the image; where it cannot be, that is said.

    Example: ackp rollback study --stack uat
    """
    from rollout import history as images  # noqa: PLC0415 - help does not need it
    from rollout.revisions import History  # noqa: PLC0415 - help does not need it
    from rollout.stack_file import with_wanted  # noqa: PLC0415 - help does not need it
    from rollout.wanted import refuse_unknown  # noqa: PLC0415 - help does not need it

    with one_line_errors():
        file = opened(ROOT, stack, image_of=service)
        refuse_unknown(service, file.stack)
        history = History.of(file.path)
        found, now = list(images.pasts(history, service)), images.present(file.stack, service)
        past = images.before(found, now, history, service) if to is None else images.named(found, to, history, service)
        if to is None and not json_:
            _show(found, now, past)
        wanted = images.restored(past, now, service)
        if past.names != now.names:
            _refuse_gone(file.stack, service, wanted, registry)
        after = with_wanted(file.text, file.stack, service, wanted) if past.names != now.names else file.text
        said = {
            "service": service,
            "image": {"tag": wanted.tag, "digest": wanted.digest},
            "since": _as_json(past),
            "history": [_as_json(each) for each in found],
        }
        present = f"{service} has this image in {file.path.name} already"
        file.replace(after, said, present, dry_run=dry_run, json_=json_)


def _refuse_gone(stack: LoadedStack, service: str, wanted: Wanted, host: str | None) -> None:
    """Refuse an image that the registry no longer has; say so where it cannot be asked."""
    from registry.problem import RegistryError  # noqa: PLC0415 - help does not need it
    from rollout.registries import registry_for  # noqa: PLC0415 - help does not need it
    from rollout.wanted import RolloutError, repository_of  # noqa: PLC0415 - help does not need it

    named, repository = repository_of(stack, service)
    reference = wanted.digest or str(wanted.tag)
    try:
        found = registry_for(stack, named, host).digest(repository, reference)
    except RegistryError as error:
        typer.echo(f"warning: not asked whether the registry still has the image: {error}", err=True)
        return
    if found is None:
        raise RolloutError(
            f"{named}/{repository} no longer has {reference}: a node that does not hold it cannot pull it. Push it "
            "again, or name another with --to"
        )


def _show(found: list[Past], now: Past, past: Past) -> None:
    from rich.table import Table  # noqa: PLC0415 - only people look at a table
    from rich.text import Text  # noqa: PLC0415 - only people look at a table

    from cli.console import output  # noqa: PLC0415 - help does not need it
    from parity.images import shown  # noqa: PLC0415 - help does not need it

    table = Table(box=None, pad_edge=False)
    for heading in ("", "image", "since", "commit", "message"):
        table.add_column(heading)
    rows = found if found[0].names == now.names else [now, *found]
    for each in rows[:_LISTED]:
        mark = "now" if each is rows[0] else "→" if each is past else ""
        when, revision = each.revision.date[:16].replace("T", " "), each.revision
        cells = (mark, shown(each.image), when or "not committed", revision.commit[:8], revision.subject)
        table.add_row(*map(Text, cells))
    console = output()
    console.print(table)
    if len(rows) > _LISTED:
        console.print(f"and {len(rows) - _LISTED} before; --json has them all", markup=False)


def _as_json(past: Past) -> dict[str, str | None]:
    revision = past.revision
    return {
        "tag": past.image.tag,
        "digest": past.image.digest,
        "commit": revision.commit,
        "date": revision.date,
        "message": revision.subject,
    }
