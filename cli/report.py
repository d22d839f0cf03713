"""`ackp report`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, AsJson, Context, PriceFile, StackName
from cli.text_file import read_text, write_text

if TYPE_CHECKING:
    from report.preview import Preview
    from report.report import Report


class Format(StrEnum):
    """What the report is written for."""

    terminal = "terminal"
    markdown = "markdown"
    json = "json"


PreviewFile = Annotated[
    str | None,
    typer.Option(
        "--preview",
        metavar="FILE",
        help="What `pulumi preview --json --show-sames --stack STACK` wrote; - reads it from standard input. "
        "Left out: a preview in the sandbox.",
    ),
]
Kubeconfig = Annotated[
    Path | None,
    typer.Option(
        "--kubeconfig",
        metavar="FILE",
        help="Look in this cluster, too, for objects that the stack would create and that exist already.",
        show_default=False,
    ),
]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="For a pull request.")]
Out = Annotated[
    list[Path] | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write it there: .md is Markdown, .json is JSON. May be said several times.",
        show_default=False,
    ),
]
_ENDINGS = {".md": Format.markdown, ".json": Format.json}


def report(
    stack: StackName,
    *,
    preview: PreviewFile = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    prices: PriceFile = None,
    markdown: AsMarkdown = False,
    json_: AsJson = False,
    out: Out = None,
) -> None:
    """Say what an `up` would mean: what restarts, is down, is lost or becomes public, service by service.

    Example: ackp report uat --preview preview.json --markdown

    Exit codes, a greater one is worse: 0 nothing worse than a rolling restart; 1 refused or failed; 2 wrong usage;
    3 something becomes public; 4 something is replaced or no longer served; 5 data is lost.
    """
    from cli.console import NOTICE, readable_errors  # noqa: PLC0415 - help does not need it
    from cost.prices import SHIPPED, read_prices  # noqa: PLC0415 - help does not need it
    from report.report import report as judged  # noqa: PLC0415 - help does not need it

    if markdown and json_:
        raise typer.BadParameter("--markdown and --json exclude each other: --out, said twice, writes both")
    form = Format.markdown if markdown else Format.json if json_ else None
    with readable_errors():
        table = read_prices(prices or SHIPPED)
        if preview is None:
            typer.echo(NOTICE, err=True)
        read = _from_sandbox(stack) if preview is None else _from_file(preview, stack)
        found = judged(read, table, *(_existing(read, kubeconfig, context) if kubeconfig else ()))
        if not out:
            typer.echo(_text(found, form or Format.terminal, wide=False), nl=False)
        else:
            forms = (form or _ENDINGS.get(each.suffix.lower(), Format.terminal) for each in out)
            for path, text in [(path, _text(found, each, wide=True)) for path, each in zip(out, forms, strict=True)]:
                write_text(path, text)
            typer.echo(found.headline)
    raise typer.Exit(found.exit_code)


def _from_sandbox(stack: str) -> Preview:
    from cli.console import progress  # noqa: PLC0415 - help does not need it
    from report.preview import PreviewError, read_preview  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it
    from sandbox.run import Sandbox  # noqa: PLC0415 - help does not need it

    with progress("Starting") as live:
        text = Sandbox(ROOT, stack, progress=live).preview_json()
    try:
        return read_preview(text, "the engine", stack)
    except PreviewError as error:
        raise SandboxError(str(error)) from None


def _from_file(file: str, stack: str) -> Preview:
    from report.preview import PreviewError, read_preview  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    text = read_text(file).removeprefix("\ufeff")  # as Windows begins a file
    try:
        return read_preview(text, "standard input" if file == "-" else file, stack)
    except PreviewError as error:
        raise SandboxError(str(error)) from None


def _existing(preview: Preview, kubeconfig: Path, context: str | None) -> tuple[list[str], list[str]]:
    from adopt.connection import Connection  # noqa: PLC0415 - only where a cluster is named
    from adopt.server import ApiServer  # noqa: PLC0415 - only where a cluster is named
    from cli.console import cluster_errors  # noqa: PLC0415 - only where a cluster is named
    from report.existing import existing  # noqa: PLC0415 - only where a cluster is named

    with cluster_errors():
        return existing(preview.steps, ApiServer(Connection(kubeconfig, context)))


def _text(found: Report, form: Format, *, wide: bool) -> str:
    if form is Format.json:
        import json  # noqa: PLC0415 - only this format needs it

        return json.dumps(found.json, ensure_ascii=False, indent=2) + "\n"
    if form is Format.markdown:
        from report.markdown import markdown  # noqa: PLC0415 - only this format needs it

        return markdown(found)
    from rich.console import Console  # noqa: PLC0415 - only this format needs it

    from cli.console import output  # noqa: PLC0415 - help does not need it
    from report.terminal import terminal  # noqa: PLC0415 - only this format needs it

    console = Console(width=120, highlight=False, no_color=True) if wide else output()
    with console.capture() as captured:
        for part in terminal(found):
            console.print(part)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
