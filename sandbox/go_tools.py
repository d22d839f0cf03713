"""Programs built from pinned Go modules, once for a machine, in the tool cache.

A module's `go.mod` and `go.sum` pin every source with its checksum, so a build needs a module proxy and nothing else,
and two builds are made of the same sources.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.builds import Builder, built_once, run_build
from sandbox.engine import WayFailedError, cache_directory
from sandbox.network import host_of
from sandbox.progress import Progress


def _proxies() -> str:
    """The module proxies that Go asks, as Go itself has them: from GOPROXY or `go env -w`."""
    try:
        done = subprocess.run(["go", "env", "GOPROXY"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S607 - the user's Go
    except (OSError, subprocess.TimeoutExpired):
        return "the module proxy"
    hosts = [host_of(each) for each in re.split(r"[,|]", done.stdout.strip()) if each not in ("", "direct", "off")]
    return " and ".join(hosts) or "the module proxy"


_GO = Builder(
    command="go build",
    unit="packages compiled",
    fetching=re.compile(r"go: downloading (.+)"),
    compiling=re.compile(r"(\S+/\S+)$"),
    error=re.compile(r"(?!go: downloading|#)(.* .*)"),
    mirrors="GOPROXY",
    hosts=_proxies,
)


@dataclass(frozen=True)
class GoTools:
    """Programs that are built from one Go module.

    Attributes:
        name: What people read in progress lines; the folder in the tool cache starts with it.
        module: The folder with `go.mod`, `go.sum` and perhaps sources of our own.
        packages: The packages to build; `.` is the module's own program.
        ldflags: Flags for the linker.
        first_time: How long the first build takes, for people.
    """

    name: str
    module: Path
    packages: tuple[str, ...]
    ldflags: str = "-s -w"
    first_time: str = "half a minute"

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files of the module that a build reads, sorted."""
        return (
            self.module / "go.mod",
            self.module / "go.sum",
            *sorted(self.module.glob("*.go")),
        )

    @property
    def place(self) -> Path:
        """The folder of the programs in the tool cache; another one for every other source, package and flag."""
        read = hashlib.sha256(repr((self.packages, self.ldflags)).encode())
        for source in self.sources:
            read.update(source.name.encode() + b"\0" + source.read_bytes())
        machine = f"{platform.system().lower()}-{platform.machine()}"
        return cache_directory() / f"{self.name}-{read.hexdigest()[:12]}-{machine}" / "bin"


def programs(tools: GoTools, progress: Progress) -> Path:
    """The folder with the programs, built first if the tool cache has none.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """

    def build_into(folder: Path) -> None:
        (folder / "bin").mkdir()
        build(tools, f"{folder / 'bin'}/", folder, progress)

    built_once(tools.name, tools.place.parent, progress, build_into)
    return tools.place


def build(tools: GoTools, output: str, scratch: Path, progress: Progress) -> None:
    """Build the programs; minutes on the first run, seconds when Go's own caches are warm.

    Args:
        tools: What to build.
        output: The file to write, or the folder with a `/` at its end.
        scratch: A folder for a copy of the module, which is removed.
        progress: Told every moment how long it has taken and what is being fetched or compiled.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """
    go = shutil.which("go")
    if go is None:
        raise WayFailedError("no `go` on PATH")
    module = scratch / "module"
    module.mkdir()
    for source in tools.sources:
        shutil.copy(source, module / source.name)
    progress.line(f"{tools.name}: building it from its Go module, about {tools.first_time} on 2 cores the first time")
    try:
        run_build(
            tools.name,
            _GO,
            [
                go,
                "build",
                "-v",
                "-mod=readonly",
                "-trimpath",
                "-buildvcs=false",
                "-ldflags",
                tools.ldflags,
                "-o",
                output,
                *tools.packages,
            ],
            directory=module,
            environment={"GOWORK": "off", "CGO_ENABLED": "0", "GOOS": "", "GOARCH": ""},
            progress=progress,
        )
    finally:
        shutil.rmtree(module, ignore_errors=True)
