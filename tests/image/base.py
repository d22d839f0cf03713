"""The base image of the tests: Debian's JRE with sh and curl, made once for a machine from its own mirror."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from sandbox.engine import WayFailedError
from sandbox.progress import Progress
from tests.image.cached import made_once
from tests.long_command import run_in_sight

PACKAGES: Final = ("curl", "openjdk-17-jre-headless")
"""What the files of the base hold beside the smallest Debian."""
JAVA_HOME: Final = "/usr/lib/jvm/java-17-openjdk-amd64"

_LEFT_OUT: Final = ("./dev/*", "./usr/share/doc/*", "./usr/share/man/*", "./var/cache/apt/*", "./var/lib/apt/lists/*")


def base_files(progress: Progress) -> Path:
    """A tar of the base image's files.

    Raises:
        WayFailedError: Not root, no apt source, or debootstrap failed.
    """
    address, suite, component = _source()
    recipe = (suite, component, PACKAGES, _LEFT_OUT)

    def make(folder: Path) -> None:
        progress.line(f"base image: making it from {suite}, about one minute on 2 cores")
        root = folder / "root"
        # In a mount namespace of its own: what it mounts in there is gone with it, however it ends.
        bootstrap = ["unshare", "--mount", "--propagation", "private", "debootstrap", "--variant=minbase"]
        packages = ["--components", component, f"--include={','.join(PACKAGES)}"]
        run_in_sight("base image", [*bootstrap, *packages, suite, root, address], progress)
        excluded = [f"--exclude={path}" for path in _LEFT_OUT]
        archive = folder / "files.tar"
        run_in_sight("base image", ["tar", "--create", "--file", archive, *excluded, "-C", root, "."], progress)
        run_in_sight("base image", ["rm", "-rf", "--one-file-system", root], progress)

    return made_once("base image", recipe, make, progress) / "files.tar"


def _source() -> tuple[str, str, str]:
    """Address, suite and components of the distribution that apt is set up for, the updates left out."""
    wanted = ["--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"]
    done = subprocess.run(["apt-get", "indextargets", *wanted], capture_output=True, text=True, check=False)
    sources = [line.split() for line in done.stdout.splitlines()]
    release = subprocess.run(
        ["sh", "-c", '. /etc/os-release && printf "$VERSION_CODENAME"'], capture_output=True, text=True, check=True
    ).stdout
    found = [(address, component) for address, suite, component in sources if suite == release]
    if not found:
        raise WayFailedError(f"base image: apt has no source for {release}")
    # Debian's JRE is in main, Ubuntu's in universe.
    components = sorted({component for address, component in found if component in ("main", "universe")})
    return found[0][0], release, ",".join(components)
