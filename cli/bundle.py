"""`ackp bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import ROOT

Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", help="The file to write; ack-platform-PLATFORM-pyVERSION.tar if left out."
    ),
]
Platform = Annotated[
    str | None,
    typer.Option("--platform", metavar="PLATFORM", help="The machine to install on: linux-x86_64, linux-aarch64, "
                 "darwin-x86_64 or darwin-aarch64; like this one if left out."),
]  # fmt: skip
Python = Annotated[
    str | None,
    typer.Option("--python", metavar="VERSION", help="Its Python, for example 3.12; like this one's if left out."),
]


def bundle(out: Out = None, platform: Platform = None, python: Python = None) -> None:
    """Put everything that needs the network into one file, for a machine that has none.

    The Pulumi engine, the plug-ins and the Python packages, in the versions that this checkout pins, each with its
    checksum. Install it there, in a checkout of the same commit, with `scripts/venv --bundle FILE`.

    Example: ackp bundle --platform linux-x86_64 --python 3.12

    Exit code 1 if something cannot be had. Without a Python package no file is written; an engine or a plug-in that is
    missing is named, here and in the file's manifest, and everything else works.
    """
    import re  # noqa: PLC0415 - help does not need it

    from bundle.manifest import PLATFORMS, Target, this_machine  # noqa: PLC0415 - help does not need it
    from bundle.pack import make  # noqa: PLC0415 - help does not need it
    from cli.console import output, progress, readable_errors  # noqa: PLC0415 - help does not need it
    from sandbox.network import WayFailedError, python_index  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    here = this_machine()
    wanted = platform or here.platform
    if wanted not in PLATFORMS:
        raise typer.BadParameter(f"{wanted}: it is one of {', '.join(PLATFORMS)}", param_hint="--platform")
    if python and not re.fullmatch(r"3\.(1[1-9]|[2-9]\d)", python):
        raise typer.BadParameter(f"{python}: 3.11 or newer, as two numbers", param_hint="--python")
    system, _, machine = wanted.partition("-")
    target = Target(system, machine, python or here.python)
    file = (out or Path(f"ack-platform-{target.platform}-py{target.python}.tar")).absolute()
    if not file.parent.is_dir():
        raise typer.BadParameter(f"{file.parent} is no folder", param_hint="--out")
    with readable_errors():
        try:
            with progress("Starting") as live:
                manifest = make(ROOT, target, python_index(), file, live)
        except WayFailedError as error:
            raise SandboxError(f"No bundle was made: {error}") from None
        except OSError as error:
            raise SandboxError(f"No bundle was made: {error.filename or file}: {error.strerror}") from None
    console = output()
    for missing in manifest.missing:
        console.print(f"missing: {missing}", markup=False)
    console.print(f"{file}: {len(manifest.parts)} files, {file.stat().st_size >> 20} MB, for {target}", markup=False)
    console.print(f"There, in a checkout of the same commit: scripts/venv --bundle {file.name}", markup=False)
    if manifest.missing:
        raise typer.Exit(1)
