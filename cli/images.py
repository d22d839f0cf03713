"""`ackp images`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import ROOT, AsJson, StackName, complete_stack
from cli.stack_edit import RegistryHost, loaded_stack, one_line_errors

if TYPE_CHECKING:
    from improvements.improvement import Stack
    from registry.registry import Registry
    from rollout.listing import Listed

Compare = Annotated[
    str | None,
    typer.Option(
        "--compare", metavar="STACK", help="Say whether each is the same there.", autocompletion=complete_stack
    ),
]
FromRegistry = Annotated[
    bool, typer.Option("--from-registry", help="Ask the registry what it has of each, and for the newest build.")
]


def images(
    stack: StackName,
    *,
    compare: Compare = None,
    from_registry: FromRegistry = False,
    registry: RegistryHost = None,
    json_: AsJson = False,
) -> None:
    """List the image of each service: tag, commit, age and digest, as the stack's file has them.

    A commit and an age are known of tags {profile}-{pom version}-{commit}-{timestamp}; timestamps are taken as UTC.
    No registry is asked without --from-registry or --registry. The login is Docker's: $DOCKER_CONFIG/config.json.

    Example: ackp images uat --compare test
    """
    from parity.images import same_image  # noqa: PLC0415 - help does not need it
    from rollout.listing import listed  # noqa: PLC0415 - help does not need it

    if compare == stack:
        raise typer.BadParameter("name another stack", param_hint="--compare")
    with one_line_errors(writes=False):
        loaded = loaded_stack(ROOT, stack)
        other = loaded_stack(ROOT, compare) if compare else None
        rows = listed(loaded, _Registries(loaded, registry) if from_registry or registry else None)
    same = {row.service: same_image(loaded.settings, other.settings, row.service) for row in rows} if other else {}
    if json_:
        shown = [_as_json(row, same.get(row.service)) for row in rows]
        typer.echo(json.dumps({"stack": stack, "compare": compare, "images": shown}, indent=2, ensure_ascii=False))
    else:
        _show(stack, compare, rows, same)


class _Registries:
    """The registries of a stack's images by host, each with one login."""

    def __init__(self, stack: Stack, here: str | None) -> None:
        self._stack, self._here = stack, here
        self._known: dict[str, Registry] = {}

    def __call__(self, host: str) -> Registry:
        from rollout.registries import registry_for  # noqa: PLC0415 - help does not need it

        if host not in self._known:
            here = self._here if host == self._stack.settings.registry.server else None
            self._known[host] = registry_for(self._stack, host, here)
        return self._known[host]


def _show(stack: str, compare: str | None, rows: list[Listed], same: dict[str, tuple[bool, str]]) -> None:
    from rich.table import Table  # noqa: PLC0415 - only people look at a table
    from rich.text import Text  # noqa: PLC0415 - only people look at a table

    from cli.console import output  # noqa: PLC0415 - help does not need it
    from parity.images import DIGITS  # noqa: PLC0415 - help does not need it
    from rollout.listing import age  # noqa: PLC0415 - help does not need it

    table, now = Table(box=None, pad_edge=False), _now()
    asked = any(row.in_registry for row in rows)
    for heading in ("service", "tag", "commit", "age", "digest"):
        table.add_column(heading)
    if compare:
        table.add_column(f"same as {compare}")
    if asked:
        table.add_column("registry")
    for row in rows:
        digest = f"{row.image.digest[:DIGITS]}…" if row.image.digest else "not pinned"
        commit = row.build.commit if row.build else ""
        cells = [row.service, row.image.tag or "", commit, age(row.build, now), digest]
        if compare:
            is_same, note = same[row.service]
            cells.append("yes" if is_same else f"no: {note}")
        if asked:
            cells.append("; ".join(row.notes))
        table.add_row(*map(Text, cells))
    console = output()
    console.print(f"{stack}: {len(rows)} services", style="bold", markup=False)
    console.print(table)


def _as_json(row: Listed, same: tuple[bool, str] | None) -> dict[str, Any]:
    build, found = row.build, row.in_registry
    built = build.time if build else None
    return {
        "service": row.service,
        "repository": row.repository,
        "tag": row.image.tag,
        "digest": row.image.digest,
        "moves": row.image.moves,
        "profile": row.image.profile,
        "version": build.version if build else None,
        "commit": build.commit if build else None,
        "built": built.isoformat() if built else None,
        **({"same": same[0], "note": same[1]} if same else {}),
        **(
            {"registry": {"present": found.present, "tagDigest": found.tag_digest, "newest": found.newest}}
            if found
            else {}
        ),
    }


def _now() -> datetime:
    return datetime.now(UTC)
