"""`ackp notify`."""

from __future__ import annotations

from typing import Annotated

import typer

Line = Annotated[str, typer.Argument(metavar="LINE", help="What to say; - is the first line of standard input.")]
Chat = Annotated[
    str | None,
    typer.Option(
        "--chat",
        metavar="CHAT",
        envvar="ACKP_WEBHOOK_CHAT",
        help="dingtalk, wecom or feishu; unset: told by the address.",
    ),
]


def notify(line: Line, chat: Chat = None) -> None:
    """Send one line to a group's robot: DingTalk (钉钉), WeCom (企业微信) or Feishu (飞书).

    The robot's address is the variable ACKP_WEBHOOK_URL, its signing key (加签) ACKP_WEBHOOK_SECRET.

    Example: ackp report uat --preview preview.json | ackp notify -
    """
    import os  # noqa: PLC0415 - help does not need it
    import sys  # noqa: PLC0415 - help does not need it

    from cli.console import progress, readable_errors  # noqa: PLC0415 - help does not need it
    from pipelines.message import CHATS, send  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    if chat is not None and chat not in CHATS:
        raise typer.BadParameter(f"--chat must be one of {', '.join(CHATS)}; it is {chat}")
    with readable_errors():
        said = next((each for each in map(str.strip, sys.stdin) if each), "") if line == "-" else line.strip()
        if not said:
            raise SandboxError("There is nothing to say: the line is empty.")
        with progress("Sending"):
            sent = send(said, os.environ, chat)
    typer.echo(f"sent to {sent}")
