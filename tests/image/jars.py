"""The service of these tests: ``probe/``, as a plain jar and as Spring Boot packs it, built once for a machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sandbox.progress import Progress
from tests.image.cached import made_once
from tests.long_command import run_in_sight

PROBE: Final = Path(__file__).parent / "probe"
JAR_FILE: Final = "product-micro-oauth2-server-1.0-exec.jar"
"""The jar of the guide's example."""
PLAIN: Final = "plain"
BOOTS: Final = ("2.7.18", "3.4.5", "4.0.1")
"""Versions of Spring Boot: the last 2.7 with layertools, a 3 and a 4 with tools."""


def probe_jar(packed: str, progress: Progress, *, changed: bool = False) -> Path:
    """The probe's jar.

    Args:
        packed: `PLAIN`, or a version of Spring Boot.
        progress: Where progress goes.
        changed: With another code than the jar that is built without it.

    Raises:
        WayFailedError: No JDK, no Maven, or the build failed.
    """
    files = sorted(path for path in PROBE.rglob("*") if path.is_file())
    recipe = (packed, changed, [(path.name, path.read_bytes()) for path in files])
    name = f"probe {packed}{' changed' if changed else ''}"
    return made_once(name, recipe, lambda folder: _build(name, folder, packed, progress, changed), progress) / JAR_FILE


def _build(name: str, folder: Path, packed: str, progress: Progress, changed: bool) -> None:  # noqa: FBT001 -- made_once calls it
    project = folder / "project"
    shutil.copytree(PROBE, project)
    source = project / "src" / "main" / "java" / "Probe.java"
    if changed:
        source.write_text(source.read_text().replace('"charset "', '"changed charset "'))
    if packed == PLAIN:
        run_in_sight(name, ["javac", "--release", "8", "-d", project, source], progress)
        run_in_sight(name, ["jar", "cfe", folder / JAR_FILE, "Probe", "-C", project, "Probe.class"], progress)
    else:
        maven: list[str | Path] = [
            "mvn",
            "--batch-mode",
            "--file",
            project / "pom.xml",
            f"-Dspring-boot.version={packed}",
            "package",
        ]
        run_in_sight(name, maven, progress)
        shutil.move(project / "target" / "probe-1.0-exec.jar", folder / JAR_FILE)
    shutil.rmtree(project)
