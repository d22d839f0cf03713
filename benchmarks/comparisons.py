"""What is measured, beside what, and within which limits."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chart_values import chart_values
from benchmarks.helm_tool import CHART, helm_program
from benchmarks.measure import Command, Figures, UnexpectedEndError, in_turn
from benchmarks.objects import differences, objects
from benchmarks.stack import ACKP, ROOT, STACK, add_typo, change_images, copy_project, environment
from config import load_stack
from sandbox.engine import find_engine
from sandbox.progress import Lines

_SERVICES = 7
_REPORT = (
    "import sys; from pathlib import Path; from config import SettingsError, load_stack\n"
    f"try: load_stack({STACK!r}, Path())\n"
    "except SettingsError as error: sys.exit(str(error))"
)

_PREVIEW = (
    f"from pathlib import Path; from sandbox.run import Sandbox; print(Sandbox(Path(), {STACK!r}).preview_json())"
)


@dataclass(frozen=True)
class Runs:
    """How often a command is counted, by what it takes: a second, some seconds, a minute."""

    short: int
    long: int
    longest: int


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: What was measured.
        measured: The figure, for people.
        limit: Its limit, for people; empty where it is only told.
        holds: Whether it keeps the limit.
    """

    what: str
    measured: str
    limit: str = ""
    holds: bool = True

    @property
    def verdict(self) -> str:
        """`holds`, `MISSED`, or nothing where there is no limit."""
        if not self.limit:
            return ""
        return "[green]holds[/green]" if self.holds else "[red]MISSED[/red]"


def settings_error(folder: Path, runs: Runs) -> Iterator[Figure]:
    """A misspelt key, reported by a fresh process, beside a process that only imports what reading settings needs."""
    project = folder / "project"
    copy_project(project, _SERVICES)
    add_typo(project)
    found = in_turn(
        runs.short,
        imports=command(project, sys.executable, "-c", "import pydantic, yaml"),
        report=command(project, sys.executable, "-c", _REPORT, code=1),
        check=command(project, *ACKP, "check", STACK, code=1),
    )
    yield Figure("import pydantic, yaml", seconds_of(found["imports"]))
    yield Figure("a settings error, reported by config.load", seconds_of(found["report"]))
    yield ratio("… times the imports", found["report"], found["imports"], 3)
    yield Figure("the same by `ackp check`", seconds_of(found["check"]))


def render(folder: Path, runs: Runs) -> Iterator[Figure]:
    """`ackp render` of 100 and of 500 services, beside `helm template` with the same objects."""
    helm = str(helm_program())
    few, many = folder / "few", folder / "many"
    commands = {}
    for name, project, services in (("few", few, 100), ("many", many, 500)):
        copy_project(project, services)
        settings = load_stack(STACK, project, secrets="generated", catalogue=project / "config" / "services.yaml")
        (project / "values.json").write_text(json.dumps(chart_values(settings)), encoding="utf-8")
        words = (*ACKP, "render", "--stack", STACK, "--out")
        template = (helm, "template", "platform", str(CHART), "--values", "values.json")
        commands[name] = command(project, *words, "-", output=project / "ours.yaml")
        commands[f"{name}_helm"] = command(project, *template, output=project / "helm.yaml")
    commands["files"] = command(many, *words, "rendered")
    found = in_turn(runs.long, **commands)
    ours, theirs = ((many / name).read_text(encoding="utf-8") for name in ("ours.yaml", "helm.yaml"))
    wrong = differences(ours, theirs)
    if wrong:
        raise UnexpectedEndError(f"helm yields other objects, {len(wrong)} differences; the first: {wrong[0]}")
    count = len(objects(ours))
    yield Figure("render, 100 services, one stream", seconds_of(found["few"]))
    yield Figure(f"render, 500 services ({count} objects), one stream", seconds_of(found["many"]))
    yield ratio("… times 100 services", found["many"], found["few"], 5.5)
    yield Figure("… peak memory", f"{found['many'].peak_mib:.0f} MiB", "150 MiB", found["many"].peak_mib < 150)  # noqa: PLR2004 - the limit
    helm_figures = found["many_helm"]
    yield Figure("helm template, the same objects", f"{seconds_of(helm_figures)}, {helm_figures.peak_mib:.0f} MiB")
    yield ratio("render … times helm", found["many"], helm_figures, 1.5)
    yield Figure("render into files instead", f"{seconds_of(found['files'])}, {count} files")


def preview(folder: Path, runs: Runs) -> Iterator[Figure]:
    """A preview of 100 services, beside a flat program that registers the same, and with the policy pack."""
    find_engine(Lines())
    project, flat = folder / "project", folder / "flat"
    for copied in (project, flat):
        copy_project(copied, 100)
    shutil.copy(Path(__file__).with_name("flat_program.py"), flat / "__main__.py")
    recording = flat / "recording.json"
    in_turn(0, recorder=command(project, sys.executable, "-m", "benchmarks.recording", str(project), str(recording)))
    words, pack = (*ACKP, "preview", "--stack", STACK), project / "policies"
    uv = str(Path(sys.executable).with_name("uv"))
    in_turn(0, environment=command(project, uv, "sync", "--locked", "--quiet", "--project", str(pack)))
    found = in_turn(
        runs.longest,
        program=command(project, *words),
        flat=command(flat, *words),
        packed=command(project, *words, "--policy-pack", str(pack)),
    )
    count = len(json.loads(recording.read_text(encoding="utf-8")))
    yield Figure(f"preview, 100 services ({count} resources)", seconds_of(found["program"]))
    yield Figure("a flat program, the same resources and inputs", seconds_of(found["flat"]))
    yield ratio("… times the flat program", found["program"], found["flat"], 1.15)
    yield Figure("preview with the policy pack", seconds_of(found["packed"]))
    yield ratio("… times the preview without", found["packed"], found["program"], 1.3)


def report(folder: Path, runs: Runs) -> Iterator[Figure]:
    """`ackp report` of a preview in which each of 100 services gets another image."""
    find_engine(Lines())
    project = folder / "project"
    copy_project(project, 100)
    file = project / "preview.json"
    in_turn(0, up=command(project, *ACKP, "up", "--stack", STACK))
    change_images(project)
    in_turn(0, preview=command(project, sys.executable, "-c", _PREVIEW, output=file))
    words = (*ACKP, "report", STACK, "--preview", file.name, "--markdown")
    found = in_turn(runs.short, report=command(project, *words, output=project / "report.md"))["report"]
    said = (project / "report.md").read_text(encoding="utf-8").splitlines()[0]
    if "100 services restart" not in said:
        raise UnexpectedEndError(f"the report of 100 new images begins with {said}")
    size = file.stat().st_size / 2**20
    yield Figure(f"report, 100 services restart ({size:.0f} MiB of JSON)", seconds_of(found), "2 s", found.seconds < 2)  # noqa: PLR2004 - the limit
    yield Figure("… peak memory", f"{found.peak_mib:.0f} MiB")


def commands(folder: Path, runs: Runs) -> Iterator[Figure]:
    """What people wait for: the whole of `make up`."""
    find_engine(Lines())
    surroundings = {**environment(ROOT), "PYTHONPATH": "", "ACKP_SANDBOX": str(folder / "sandbox")}

    def of(*arguments: str) -> Command:
        return Command(arguments=arguments, directory=ROOT, environment=surroundings)

    make = ("make", "--silent")
    cycle = in_turn(
        runs.longest,
        down=of(*make, "down", f"STACK={STACK}"),
        up=of(*make, "up", f"STACK={STACK}"),
        again=of(*make, "up", f"STACK={STACK}"),
    )
    up = cycle["up"].seconds
    yield Figure("make up STACK=uat, everything installed", seconds_of(cycle["up"]), "30 s", up < 30)  # noqa: PLR2004 - the limit
    yield Figure("… again, nothing changes", seconds_of(cycle["again"]))


def command(project: Path, *arguments: str, output: Path = Path(os.devnull), code: int = 0) -> Command:
    """A command of a project, found in its folder."""
    return Command(arguments=arguments, directory=project, environment=environment(project), output=output, code=code)


def seconds_of(figures: Figures) -> str:
    """The clock, and the processor time beside it."""
    return f"{figures.seconds:.2f} s (CPU {figures.cpu_seconds:.2f} s)"


def ratio(what: str, ours: Figures, theirs: Figures, limit: float | None = None) -> Figure:
    """How many times as long one takes as the other, by the clock; only told where there is no limit."""
    times = ours.seconds / theirs.seconds
    cpu = ours.cpu_seconds / theirs.cpu_seconds
    shown = "" if limit is None else f"{limit:g}"
    return Figure(what, f"{times:.2f} (CPU {cpu:.2f})", shown, limit is None or times <= limit)
