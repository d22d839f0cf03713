"""How soon a command begins, beside a process that only imports the libraries that `ackp` is made of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparisons import Figure, Runs, command, ratio, seconds_of
from benchmarks.measure import in_turn
from benchmarks.stack import ACKP, ROOT, STACK

_IMPORTS = "import typer, rich, pydantic, yaml"
_LOADED = f"{_IMPORTS}; from pydantic import BaseModel, TypeAdapter"
_SMALLEST = """
import typer, yaml
from pydantic import BaseModel
app = typer.Typer()
class Settings(BaseModel):
    replicas: int
@app.command()
def check(*, json: bool = False):
    Settings.model_validate(yaml.safe_load("replicas: 2"))
app()
"""
_LIMIT = 1.5
_COMMANDS: dict[str, tuple[tuple[str, ...], float | None]] = {
    "ackp --help": (("--help",), _LIMIT),
    "ackp check --help": (("check", "--help"), None),
    "ackp check": (("check",), _LIMIT),
    "ackp explain gateway.replicas": (("explain", "gateway.replicas", "--stack", STACK), _LIMIT),
    "ackp explain services": (("explain", "services", "--stack", STACK), None),
    "ackp images uat": (("images", STACK), None),
    "ackp restart study --dry-run": (("restart", "study", "--stack", STACK, "--dry-run"), None),
}
"""What is typed, by what it is called, with the times of the imports that it may take."""


def start(_folder: Path, runs: Runs) -> Iterator[Figure]:
    """`ackp --help`, `ackp check`, `ackp explain` and some more of this project's stacks, beside the imports."""
    typed = {name: command(ROOT, *ACKP, *words) for name, (words, _) in _COMMANDS.items()}
    imports = {code: command(ROOT, sys.executable, "-c", code) for code in (_IMPORTS, _LOADED, _SMALLEST)}
    found = in_turn(runs.short, **imports, **typed)
    yield Figure(_IMPORTS, seconds_of(found[_IMPORTS]))
    yield ratio("… and from pydantic import BaseModel, TypeAdapter", found[_LOADED], found[_IMPORTS])
    yield ratio("… and a Typer command with one flag that validates one model", found[_SMALLEST], found[_IMPORTS])
    for name, (_, limit) in _COMMANDS.items():
        yield Figure(name, seconds_of(found[name]))
        yield ratio(f"{name} … times the imports", found[name], found[_IMPORTS], limit)
