"""Programs built from pinned Rust crates, once for a machine, in the tool cache.

A crate's version and the `Cargo.lock` that it was published with pin every source with its checksum:
https://doc.rust-lang.org/cargo/commands/cargo-install.html#dealing-with-the-lockfile
"""

from __future__ import annotations

import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from sandbox.builds import Builder, built_once, run_build
from sandbox.engine import WayFailedError, cache_directory
from sandbox.progress import Progress

_CARGO = Builder(
    command="cargo install",
    unit="crates compiled",
    fetching=re.compile(r"\s*(?:Updating|Downloading|Downloaded|Locking) (.+)"),
    compiling=re.compile(r"\s*Compiling (\S+ \S+)"),
    error=re.compile(r"error(?:\[\w+\])?: (.+)"),
    mirrors="`[source]` in ~/.cargo/config.toml",
    hosts=lambda: "crates.io",
    # The last crate is the program with all it links: minutes without a word on a busy machine.
    compile_seconds=1800.0,
)


@dataclass(frozen=True)
class CargoTools:
    """Programs that one published crate installs.

    Attributes:
        crate: The crate's name.
        version: Its exact version.
        first_time: How long the first build takes, for people.
    """

    crate: str
    version: str
    first_time: str

    @property
    def place(self) -> Path:
        """The folder of the programs in the tool cache; another one for every version."""
        machine = f"{platform.system().lower()}-{platform.machine()}"
        return cache_directory() / f"{self.crate}-{self.version}-{machine}" / "bin"


def crate_programs(tools: CargoTools, progress: Progress) -> Path:
    """The folder with the programs, built first if the tool cache has none.

    Raises:
        WayFailedError: No cargo, a failed or silent build.
    """

    def build(folder: Path) -> None:
        cargo, nice = shutil.which("cargo"), shutil.which("nice")
        if cargo is None:
            raise WayFailedError("no `cargo` on PATH: https://www.rust-lang.org/tools/install")
        progress.line(f"{tools.crate}: building it from its crate, about {tools.first_time} on 2 cores the first time")
        source: list[str | Path] = ["install", tools.crate, "--version", f"={tools.version}", "--locked"]
        place: list[str | Path] = ["--root", folder, "--target-dir", folder / "target", "--no-track"]
        politely = [nice, "-n", "10"] if nice else []  # a long build leaves the machine to whoever works on it
        run_build(
            tools.crate,
            _CARGO,
            [*politely, cargo, *source, *place],
            directory=folder,
            environment={"CARGO_TERM_COLOR": "never", "CARGO_TERM_PROGRESS_WHEN": "never"},
            progress=progress,
        )
        shutil.rmtree(folder / "target")

    built_once(tools.crate, tools.place.parent, progress, build)
    return tools.place
