"""`ackp doctor`."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.options import ROOT, AsJsonList


@dataclass(frozen=True)
class Finding:
    """One thing that the project needs, and how it stands.

    Attributes:
        name: What it is.
        state: `ok`, `missing` (something needs it and can get it, or does without) or `wrong` (commands will fail).
        detail: What was found.
        mend: What to do; empty where nothing has to be done.
    """

    name: str
    state: str
    detail: str
    mend: str = ""


Offline = Annotated[
    bool, typer.Option("--offline", help="What a run without network needs, in the versions that are pinned.")
]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="With --offline: what `make up` needs, and no more.")]


def doctor(*, offline: Offline = False, sandbox: Sandbox = False, json_: AsJsonList = False) -> None:
    """Say what is installed, what is missing, and what to do about it. Changes nothing and fetches nothing.

    With `--offline`: whether `make up` and `pulumi up` find everything on this machine, and ask no server for it but
    the cluster's and the cloud's own.

    Example: ackp doctor --offline

    Exit code 1 if a command would fail as things stand.
    """
    if sandbox and not offline:
        raise typer.BadParameter("goes with --offline", param_hint="--sandbox")
    if offline:
        from cli import readiness  # noqa: PLC0415 - help does not need it

        findings = list(readiness.findings(sandbox=sandbox))
    else:
        findings = list(_findings())
    if json_:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        _show(findings)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    from cli.console import output  # noqa: PLC0415 - help does not need it

    console = output()
    colours = {"ok": "green", "missing": "yellow", "wrong": "red"}
    for finding in findings:
        console.print(f"[{colours[finding.state]}]{finding.state:8}[/] [bold]{finding.name:19}[/bold]", end="")
        console.print(finding.detail, markup=False)
        if finding.mend:
            console.print(f"{'':28}→ {finding.mend}", markup=False)


def _findings() -> Iterator[Finding]:
    yield Finding("Python", "ok", f"{platform.python_version()} in {ROOT / '.venv'}")
    yield _uv()
    yield from _engine()
    yield from _plugins()
    yield _cache()
    yield _sandbox()


def _uv() -> Finding:
    from sandbox.engine import cache_directory  # noqa: PLC0415 - help does not need it

    cached = sorted(cache_directory().glob("uv-*/bin/uv"))
    found = shutil.which("uv") or (str(cached[-1]) if cached else None)
    if found:
        return Finding("uv", "ok", found)
    return Finding("uv", "missing", "not on PATH, not in the tool cache", "installed when the environment changes")


def _engine() -> Iterator[Finding]:
    from sandbox.engine import OLDEST, VERSION, installed_engine  # noqa: PLC0415 - help does not need it

    engine = installed_engine()
    go = shutil.which("go")
    if engine:
        detail = f"{'.'.join(map(str, engine.version))} from the {engine.origin}: {engine.path}"
        yield Finding("Pulumi engine", "ok", detail)
    else:
        oldest = ".".join(map(str, OLDEST))
        detail = f"no pulumi {oldest} or newer on PATH, none in the tool cache"
        mend = f"the first `make up` downloads {VERSION}" + (", or builds it with Go in 4 minutes" if go else "")
        yield Finding("Pulumi engine", "missing", detail, mend)
    if go:
        version = subprocess.run([go, "version"], capture_output=True, text=True, check=False)  # noqa: S603 - the user's Go
        yield Finding("Go", "ok", version.stdout.strip() or go)
    else:
        mend = "" if engine else "needed only where the Pulumi release cannot be reached: https://go.dev/doc/install"
        yield Finding("Go", "ok" if engine else "missing", "not on PATH", mend)


def _plugins() -> Iterator[Finding]:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for name in ("kubernetes", "alicloud"):
        found = sorted(path for path in home.glob(f"plugins/resource-{name}-v*") if path.is_dir())
        if found:
            yield Finding(f"{name} plug-in", "ok", str(found[-1]))
        else:
            mend = "the sandbox needs none; for a real account, `pulumi install` gets it"
            yield Finding(f"{name} plug-in", "missing", f"none in {home / 'plugins'}", mend)


def _cache() -> Finding:
    from sandbox.engine import cache_directory  # noqa: PLC0415 - help does not need it

    return _folder("tool cache", cache_directory(), "make it writable, or set XDG_CACHE_HOME to another folder")


def _sandbox() -> Finding:
    from sandbox.place import VARIABLE, default_place  # noqa: PLC0415 - help does not need it

    place = default_place(ROOT)
    finding = _folder("sandbox", place.directory, f"make it writable, or set {VARIABLE} to another folder")
    stacks = sorted(path.stem for path in place.state.glob(".pulumi/stacks/*/*.json"))
    holds = f"with the stacks {', '.join(stacks)}" if stacks else "no stack in it"
    return Finding(finding.name, finding.state, f"{finding.detail}, {holds}", finding.mend)


def _folder(name: str, folder: Path, mend: str) -> Finding:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding(name, "ok", str(folder))
    return Finding(name, "wrong", f"{folder} cannot be written", mend)
