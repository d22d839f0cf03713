"""Arthas itself, from Maven Central: https://central.sonatype.com/artifact/com.taobao.arthas/arthas-packaging."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from sandbox.progress import Progress
from tests.image.cached import made_once
from tests.long_command import run_in_sight

_ARTHAS: Final = "com.taobao.arthas:arthas-packaging:4.1.5:zip:bin"


def arthas_files(progress: Progress) -> Path:
    """The folder of what Arthas is: its jars, and its native libraries.

    Raises:
        WayFailedError: no Maven, or Maven Central does not give it.
    """
    return made_once("Arthas", _ARTHAS, lambda folder: _get(folder, progress), progress)


def _get(folder: Path, progress: Progress) -> None:
    goal = ["org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy", f"-Dartifact={_ARTHAS}"]
    run_in_sight("Arthas", ["mvn", "--batch-mode", *goal, f"-DoutputDirectory={folder}"], progress)
    (archive,) = folder.glob("*.zip")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()
