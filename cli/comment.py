"""`ackp comment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.text_file import read_text

Stack = Annotated[str, typer.Argument(metavar="STACK", help="Whose report it is: each stack has one comment.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The report in Markdown; - is standard input.")]
OnHost = Annotated[
    str | None,
    typer.Option("--host", metavar="HOST", help="github, gitlab, gitee or codeup; unset: what the job says."),
]
Number = Annotated[
    str | None, typer.Option("--number", metavar="N", help="The pull request, where no variable says it.")
]


def comment(stack: Stack, file: File, host: OnHost = None, number: Number = None) -> None:
    """Write a report as the pull request's one comment, or write that comment again.

    Reads the report and nothing else of the branch: run it in a job that checks out no code of the branch. The token
    is a variable of the job: GITHUB_TOKEN, GITLAB_TOKEN, GITEE_TOKEN or CODEUP_TOKEN.

    Example: ackp report uat --preview preview.json --markdown | ackp comment uat -
    """
    import os  # noqa: PLC0415 - help does not need it

    from cli.console import progress, readable_errors  # noqa: PLC0415 - help does not need it
    from pipelines.comment import current_pull_request, write  # noqa: PLC0415 - help does not need it
    from pipelines.hosts import HOSTS  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    if host is not None and host not in HOSTS:
        raise typer.BadParameter(f"--host must be one of {', '.join(HOSTS)}; it is {host}")
    with readable_errors():
        text = read_text(file)
        if not text.strip():
            raise SandboxError(f"{file} is empty: there is nothing to say. `ackp report --markdown` writes it.")
        pull_request = current_pull_request(host, os.environ, number)
        with progress(f"Asking {pull_request.host.name}"):
            done = write(pull_request, stack, text)
    typer.echo(f"{stack}: the comment on {pull_request.host.name} is {done}")
