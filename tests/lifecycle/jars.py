"""The services of the life cycle's tests as jars, built by Maven once for a machine and version pair."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.builds import Builder, built_once, run_build
from sandbox.engine import WayFailedError, cache_directory
from sandbox.progress import Progress

SOURCES: Final = Path(__file__).with_name("services")
MODULES: Final = ("provider", "consumer")

_MAVEN = Builder(
    command="mvn package",
    unit="steps done",
    fetching=re.compile(r"(?:\[INFO\] )?Downloading from \S+: (\S+)"),
    compiling=re.compile(r"\[INFO\] --- (.+) ---"),
    error=re.compile(r"\[ERROR\] (.+)"),
    mirrors="`mirrors` in ~/.m2/settings.xml",
    hosts=lambda: "Maven's repository",
)


@dataclass(frozen=True)
class Pair:
    """Versions of Spring Boot and Spring Cloud Alibaba that belong together.

    Attributes:
        profile: The profile in `services/pom.xml` that pins them, named by Spring Boot's version.
        java: The oldest Java that the jars run on.
    """

    profile: str
    java: int

    @property
    def place(self) -> Path:
        """The folder of the jars in the tool cache; another one for every other source."""
        read = hashlib.sha256()
        for source in sorted(each for each in SOURCES.rglob("*") if each.is_file()):
            read.update(str(source.relative_to(SOURCES)).encode() + b"\0" + source.read_bytes() + b"\0")
        return cache_directory() / f"lifecycle-services-{self.profile}-{read.hexdigest()[:12]}"

    @property
    def provider(self) -> Path:
        """The jar of the provider."""
        return self.place / "provider.jar"

    @property
    def consumer(self) -> Path:
        """The jar of the consumer."""
        return self.place / "consumer.jar"


BOOT_2_7: Final = Pair("boot-2.7", java=8)
"""Spring Boot 2.7 with Spring Cloud Alibaba 2021.x and nacos-client 2.2: what most services on ACK run."""
BOOT_4_0: Final = Pair("boot-4.0", java=17)
"""Spring Boot 4.0 with Spring Cloud Alibaba 2025.1 and nacos-client 3.1: the newest that the registry accepts."""
PAIRS: Final = (BOOT_2_7, BOOT_4_0)


def jars(pair: Pair, progress: Progress) -> Path:
    """The folder with `provider.jar` and `consumer.jar`, built first if the tool cache has none.

    Raises:
        WayFailedError: No Maven or no JDK, a failed or silent build.
    """

    def build(folder: Path) -> None:
        maven = shutil.which("mvn")
        if maven is None or shutil.which("javac") is None:
            raise WayFailedError("no `mvn` or no `javac` on PATH: Maven 3.6.3 and a JDK 17 build the tests' services")
        progress.line(f"{name}: building them with Maven, about a minute the first time")
        scratch = folder / "scratch"
        shutil.copytree(SOURCES, scratch, ignore=shutil.ignore_patterns("target"))
        run_build(
            name,
            _MAVEN,
            [maven, "--batch-mode", f"-P{pair.profile}", "package"],
            directory=scratch,
            environment={},
            progress=progress,
        )
        for module in MODULES:
            (scratch / module / "target" / f"{module}.jar").rename(folder / f"{module}.jar")
        shutil.rmtree(scratch)

    name = f"Services of {pair.profile}"
    return built_once(name, pair.place, progress, build)
