"""`ackp render`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import ROOT, Stack

if TYPE_CHECKING:
    from config import StackSettings

_STDOUT = Path("-")

Out = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="DIR", help="Where the files go; - writes one stream to standard output."),
]


def render(stack: Stack = "test", out: Out = Path("rendered")) -> None:
    """Write every Kubernetes object that a stack would create as YAML, one file each.

    Files are named kind-namespace-name.yaml (kind-name.yaml without a namespace); a Helm release is written as its
    values. No engine and no credentials are needed. The same settings give the same bytes.

    Passwords read "masked". What is known only after creation reads alb-knownaftercreation and
    known-after-creation.nas.aliyuncs.com.

    Example: ackp render --stack uat --out - | kubectl diff --filename -
    """
    from cli.console import output, readable_errors  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it

    with readable_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        if out == _STDOUT:
            write_stream(settings)
            return
        count, removed = write_files(settings, out)
    gone = f", {removed} stale removed" if removed else ""
    output().print(f"{count} files in {out}{gone}; nothing was applied to any cluster")


def write_files(settings: StackSettings, out: Path) -> tuple[int, int]:
    """Write one file for each object.

    Returns:
        How many files were written, and how many of an earlier render were removed.

    Raises:
        SandboxError: the folder cannot be written.
    """
    from cli.manifest_text import HEADER, manifest_texts  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    try:
        out.mkdir(parents=True, exist_ok=True)
        written = set()
        for name, text in manifest_texts(settings):
            (out / name).write_text(text, encoding="utf-8")
            written.add(name)
        stale = [path for path in sorted(out.glob("*.yaml")) if path.name not in written and _is_ours(path, HEADER)]
        for path in stale:
            path.unlink()
    except OSError as error:
        raise SandboxError(f"{error.filename or out} cannot be written: {error.strerror}") from None
    return len(written), len(stale)


def write_stream(settings: StackSettings) -> None:
    """Write all objects to standard output as one YAML stream."""
    import sys  # noqa: PLC0415 - help does not need it

    from cli.manifest_text import manifest_texts  # noqa: PLC0415 - help does not need it

    for _name, text in manifest_texts(settings):
        sys.stdout.write(f"---\n{text}")


def _is_ours(path: Path, header: str) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().startswith(header)
