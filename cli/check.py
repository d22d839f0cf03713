"""`ackp check`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import ROOT, AsJsonList, complete_stack
from cli.patches import debt

if TYPE_CHECKING:
    from config import Problem, SettingsError, StackSettings
    from config.load import Source

EXAMPLES = ROOT / "docs" / "examples"

Stacks = Annotated[
    list[str] | None,
    typer.Argument(metavar="[STACK]...", help="Stacks to check; none: all.", autocompletion=complete_stack),
]
All = Annotated[bool, typer.Option("--all", help="All stacks, and those of docs/examples.")]


@dataclass(frozen=True)
class Checked:
    """One stack file and what was found in it."""

    stack: str
    file: Path
    source: Source | None
    settings: StackSettings | None
    error: SettingsError | None

    @property
    def missing_secrets(self) -> tuple[str, ...]:
        """The secrets that the stack needs and that are still to be set."""
        if self.settings is None or self.source is None:
            return ()
        return tuple(key for key in self.settings.required_secrets if key not in self.source.secrets)


def check(stacks: Stacks = None, *, all_: All = False, json_: AsJsonList = False) -> None:
    """Validate the settings of stacks: everything that is wrong, at once, with what to type instead.

    Nothing is contacted and nothing is created. Secrets that are still to be set are named, and are no error here;
    `pulumi up` asks for them. Exit code 1 if any stack is refused.

    Example: ackp check uat
    """
    results = _beside_each_other([_checked(stack, folder) for stack, folder in _wanted(stacks or [], everything=all_)])
    if json_:
        typer.echo(json.dumps([_as_json(result) for result in results], indent=2, ensure_ascii=False))
    else:
        for result in results:
            _show(result)
    if any(result.error for result in results):
        raise typer.Exit(1)


def _wanted(stacks: list[str], *, everything: bool) -> list[tuple[str, Path]]:
    """Stack names with their folders."""
    from config import stack_names  # noqa: PLC0415 - help does not need it

    folders = [ROOT, *sorted(path for path in EXAMPLES.iterdir() if path.is_dir())] if everything else [ROOT]
    if stacks and not everything:
        return [(stack, ROOT) for stack in stacks]
    return [(name, folder) for folder in folders for name in stack_names(folder) if not _foreign(folder)]


def _foreign(folder: Path) -> bool:
    """Whether a folder is a project of its own, whose stack files are not this one's."""
    return folder != ROOT and (folder / "Pulumi.yaml").exists()


def _checked(stack: str, folder: Path) -> Checked:
    from config import CATALOGUE, SettingsError, load, read_stack  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it

    file = folder / f"Pulumi.{stack}.yaml"
    try:
        source = read_stack(stack, folder)
        return Checked(stack, file, source, load(source, read_yaml(CATALOGUE), secrets="generated"), None)
    except SettingsError as error:
        return Checked(stack, file, None, None, error)


def _beside_each_other(results: list[Checked]) -> list[Checked]:
    """The results with what valid stacks of the project take from each other; examples stand for themselves."""
    from config import CATALOGUE, SettingsError  # noqa: PLC0415 - help does not need it
    from config.checks import neighbours  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it
    from config.load import located  # noqa: PLC0415 - help does not need it

    own = [result.settings for result in results if result.settings and result.file.parent == ROOT]
    clashes: dict[str, list[Problem]] = {}
    for stack, problem in neighbours.check(own):
        clashes.setdefault(stack, []).append(problem)
    if not clashes:
        return results
    catalogue = read_yaml(CATALOGUE)
    return [
        replace(
            result, error=SettingsError(result.file.name, (located(each, result.source, catalogue) for each in found))
        )
        if result.source and result.file.parent == ROOT and (found := clashes.get(result.stack))
        else result
        for result in results
    ]


def _show(result: Checked) -> None:
    if result.error is not None:
        typer.echo(f"{result.error}\n", err=True)
    if result.settings is None or result.error is not None:
        return
    services = result.settings.services
    pods = sum(service.most_replicas for service in services.values())
    patched = f"; {text}" if (text := debt(result.settings)) else ""
    secrets = f"; secrets to set: {', '.join(result.missing_secrets)}" if result.missing_secrets else ""
    file = result.file.relative_to(ROOT)
    counts = f"{len(services)} services, {pods} pods"
    typer.echo(f"{file}: valid; namespace {result.settings.namespace}, {counts}{patched}{secrets}")


def _as_json(result: Checked) -> dict[str, Any]:
    problems = result.error.problems if result.error else ()
    return {
        "stack": result.stack,
        "file": str(result.file.relative_to(ROOT)),
        "valid": result.error is None,
        "missingSecrets": list(result.missing_secrets),
        "patchedFields": dict(result.settings.patched_fields) if result.settings else {},
        "problems": [_problem_as_json(problem) for problem in problems],
    }


def _problem_as_json(problem: Problem) -> dict[str, Any]:
    from config.errors import UNSET, shown  # noqa: PLC0415 - only where something is wrong

    value = {} if problem.value is UNSET else {"value": shown(problem.value)}
    plain = {"file": problem.file, "line": problem.line, "path": problem.path, "rule": problem.rule}
    return {**plain, **value, "mend": problem.mend}
