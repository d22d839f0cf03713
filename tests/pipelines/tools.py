"""What checks pipelines: actionlint from its Go module, Groovy from Maven Central; each is got once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sandbox.go_tools import GoTools
from sandbox.progress import Progress
from tests.image.cached import made_once
from tests.long_command import run_in_sight

ACTIONLINT: Final = GoTools(
    "actionlint", Path(__file__).with_name("actionlint"), ("github.com/rhysd/actionlint/cmd/actionlint",)
)
_GROOVY: Final = "org.apache.groovy:groovy:4.0.28"


def groovy(progress: Progress) -> Path:
    """The jar of Groovy, whose compiler reads a Jenkinsfile.

    Raises:
        WayFailedError: no Maven, or Maven Central does not give it.
    """
    return made_once("Groovy", _GROOVY, lambda folder: _get(folder, progress), progress) / "groovy.jar"


def _get(folder: Path, progress: Progress) -> None:
    goal = ["org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy", f"-Dartifact={_GROOVY}"]
    run_in_sight(
        "Groovy",
        ["mvn", "--batch-mode", *goal, f"-DoutputDirectory={folder}", "-Dmdep.stripVersion=true"],
        progress,
    )
