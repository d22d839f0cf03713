"""`ackp schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import ROOT

Write = Annotated[bool, typer.Option("--write", help="Write the documents.")]
Check = Annotated[bool, typer.Option("--check", help="Compare the documents with the settings; exit code 1 if stale.")]


def documents() -> dict[Path, str]:
    """The generated documents and their content."""
    from config.reference import settings_page  # noqa: PLC0415 - help does not need it
    from config.schema import schema_text, services_schema, stack_schema  # noqa: PLC0415 - help does not need it

    folder = ROOT / "docs" / "reference"
    return {
        folder / "stack.schema.json": schema_text(stack_schema()),
        folder / "services.schema.json": schema_text(services_schema()),
        folder / "settings.md": settings_page(),
    }


def schema(*, write: Write = False, check: Check = False) -> None:
    """Print the JSON Schema of a stack file, or write or check everything that is generated from the settings.

    Documents: docs/reference/stack.schema.json, docs/reference/services.schema.json, docs/reference/settings.md.

    Example: ackp schema --check
    """
    if write and check:
        raise typer.BadParameter("--write and --check exclude each other")
    content = documents()
    if not write and not check:
        typer.echo(next(iter(content.values())), nl=False)
        return
    stale = [path for path, text in content.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        shown = path.relative_to(ROOT)
        if check:
            typer.echo(f"{shown}: not what the settings say; run `ackp schema --write`", err=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content[path], encoding="utf-8")
        typer.echo(f"{shown}: written")
    if check and stale:
        raise typer.Exit(1)
    if not stale:
        typer.echo(f"{len(content)} documents are up to date")
