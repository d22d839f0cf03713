"""The image of a service, built as the guide builds it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from sandbox.progress import Progress
from tests.image.jars import JAR_FILE
from tests.image.podman import Podman
from tests.settings import ROOT

IMAGE: Final = ROOT / "image"
GUIDE: Final = (
    f"docker build --build-arg PROFILE=test --build-arg SERVICE=oauth2 --build-arg JAR_FILE={JAR_FILE}"
    " -f Dockerfile . -t oauth2:test-latest"
)
"""The guide's example, unchanged."""


def base_tag() -> str:
    """The tag of the Dockerfile's default base image."""
    found = re.search(r"^ARG BASE_IMAGE=eclipse-temurin:(\S+)$", (IMAGE / "Dockerfile").read_text(), re.MULTILINE)
    assert found
    return found[1]


def context(folder: Path, jar: Path) -> Path:
    """A folder as the guide's command wants it: the image's files and the jar."""
    shutil.copytree(IMAGE, folder)
    shutil.copy(jar, folder / JAR_FILE)
    return folder


def build(podman: Podman, folder: Path, command: str = GUIDE, *more: str) -> subprocess.CompletedProcess[str]:
    """Run a docker command line in a folder; podman takes the same words."""
    return podman.start(*shlex.split(command)[1:], *more, cwd=folder)


def built_image(jar: Path, archive: Path, progress: Progress, *, service: str, profile: str) -> Path:
    """The image of a jar as an OCI archive, for whoever wants to run it: ``localhost/{service}:{profile}-latest``.

    Args:
        jar: An executable jar.
        archive: The file to write.
        progress: Where progress goes.
        service: The build argument SERVICE.
        profile: The build argument PROFILE.
    """
    with tempfile.TemporaryDirectory() as temporary:
        store = Path(temporary) / "store"
        store.mkdir()
        podman = Podman(store)
        try:
            podman.make_base(base_tag(), progress)
            folder = context(Path(temporary) / "context", jar)
            wanted = GUIDE.replace("=test", f"={profile}").replace("=oauth2", f"={service}")
            done = build(podman, folder, wanted.replace("oauth2:test-latest", f"{service}:{profile}-latest"))
            assert done.returncode == 0, done.stdout
            podman(
                "save",
                "--uncompressed",
                "--format",
                "oci-archive",
                "--output",
                archive,
                f"localhost/{service}:{profile}-latest",
            )
        finally:
            podman.close()
    return archive
