"""`ackp map`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, StackName
from cli.text_file import read_text, write_text

if TYPE_CHECKING:
    from config import StackSettings

Out = Annotated[
    list[Path] | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write it there; in a Markdown page, below its line <!-- ackp map STACK -->. Again for several.",
    ),
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 if a FILE is not up to date.")]


def map(  # noqa: A001 - the command's name
    stack: StackName, *, out: Out = None, check: Check = False
) -> None:
    """Draw who is reachable from where: Internet, ALB listener, Ingress, Service, pods; EIP, NAS, Nacos.

    The picture is a Mermaid flowchart, which GitHub and GitLab draw. It shows what the stack file says, patches
    included; nothing is contacted.

    Example: ackp map uat --out uat.mmd
    """
    from cli.console import output, readable_errors  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it

    if check and not out:
        raise typer.BadParameter("name the FILE to compare with", param_hint="--out")
    with readable_errors():
        drawn = _drawn(load_stack(stack, ROOT, secrets="generated"))
        if not out:
            typer.echo(drawn, nl=False)
            return
        wanted = {path: _page(path, stack, drawn) for path in out}
        stale = [path for path, (before, after) in wanted.items() if before != after]
        for path in stale if not check else ():
            write_text(path, wanted[path][1])
        for path in wanted:
            word = "up to date" if path not in stale else "written"
            if check and path in stale:
                typer.echo(f"{path}: not what the stack says; run `ackp map {stack} --out {path}`", err=True)
            else:
                output().print(f"{path}: {word}", markup=False)
    if check and stale:
        raise typer.Exit(1)


def _drawn(settings: StackSettings) -> str:
    from cli.reachability import flowchart  # noqa: PLC0415 - help does not need it

    return str(flowchart(settings))


def _page(path: Path, stack: str, drawn: str) -> tuple[str | None, str]:
    """A file's text, None where there is none, and what it shall be.

    Raises:
        SandboxError: it cannot be read, or is a page without a place for the picture.
    """
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    before = read_text(path) if path.exists() else None
    if path.suffix != ".md":
        return before, drawn
    mark = f"<!-- ackp map {stack} -->"
    place = re.compile(rf"(^{re.escape(mark)}\r?\n)(?:```mermaid\r?\n.*?^```\r?\n)?", re.DOTALL | re.MULTILINE)
    if before is None or not place.search(before):
        raise SandboxError(f"{path} has no place for the picture: put the line {mark} where it shall stand")
    end = "\r\n" if f"{mark}\r\n" in before else "\n"
    block = f"```mermaid\n{drawn}```\n".replace("\n", end)
    return before, place.sub(lambda match: match[1] + block, before)
