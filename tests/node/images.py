"""Images for tests, of files that this machine has: busybox, curl and a script. No builder, no base, the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from cluster.node.image import write_image
from sandbox.progress import Progress
from tests.debugger.arthas import arthas_files
from tests.image.cached import made_once

_APPLICATION = Path(__file__).parent / "application.sh"


def application(archive: Path, name: str) -> Path:
    """Write the image of `application.sh`; it has what the scripts that run in pods need, `sh` and `curl`.

    Args:
        archive: The file to write, an OCI archive.
        name: The image's name and tag.
    """
    files = {"bin/busybox": _program("busybox"), "bin/application": _APPLICATION, **_with_libraries(_program("curl"))}
    write_image(archive, name, files, ["/bin/application"], links=_applets())
    return archive


def bare(archive: Path, name: str) -> Path:
    """Write an image with a shell and no curl.

    Args:
        archive: The file to write, an OCI archive.
        name: The image's name and tag.
    """
    write_image(archive, name, {"bin/busybox": _program("busybox")}, ["/bin/sh"], links=_applets())
    return archive


def capturer(archive: Path, name: str) -> Path:
    """Write the image of what captures packets: `tcpdump`, `sleep`, and the user that `tcpdump` changes to.

    Args:
        archive: The file to write, an OCI archive.
        name: The image's name and tag.
    """
    users = {f"etc/{each}": Path("/etc", each) for each in ("passwd", "group")}
    files = {"bin/busybox": _program("busybox"), **users, **_with_libraries(_program("tcpdump"))}
    write_image(archive, name, files, ["/bin/sleep"], links=_applets())
    return archive


def debugger(archive: Path, name: str, progress: Progress) -> Path:
    """Write the image of what looks into a JVM: what Arthas and `jcmd` need of this machine's JDK, Arthas, and a shell.

    Args:
        archive: The file to write, an OCI archive.
        name: The image's name and tag.
        progress: Told that the JDK and Arthas are ready.
    """
    jlink = _program("jlink")
    said = subprocess.run([jlink, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    parts = ["--add-modules", "jdk.jcmd,jdk.attach,java.desktop,java.management,java.instrument,java.logging"]
    command = [str(jlink), *parts, "--strip-debug", "--no-man-pages", "--no-header-files", "--output"]

    def make(folder: Path) -> None:
        subprocess.run([*command, str(folder / "jdk")], check=True)

    jdk, arthas = made_once("debugger's JDK", (said, command), make, progress) / "jdk", arthas_files(progress)
    files = {f"jdk/{each.relative_to(jdk)}": each for each in sorted(jdk.rglob("*")) if each.is_file()}
    for each in (jdk / "bin" / "jcmd", jdk / "lib" / "server" / "libjvm.so", jdk / "lib" / "libjli.so"):
        files |= {path: found for path, found in _with_libraries(each).items() if not found.is_relative_to(jdk)}
    files |= {f"opt/arthas/{each.relative_to(arthas)}": each for each in sorted(arthas.rglob("*")) if each.is_file()}
    links = _applets() | {f"bin/{each}": f"../jdk/bin/{each}" for each in ("java", "jcmd")}
    write_image(archive, name, {**files, "bin/busybox": Path(_program("busybox"))}, ["/bin/sh"], links=links)
    return archive


def _applets() -> dict[str, str]:
    """The programs that busybox is, but for curl's name."""
    asked = [str(_program("busybox")), "--list"]
    applets = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    return {f"bin/{applet}": "busybox" for applet in applets if applet not in ("busybox", "curl")}


def _with_libraries(program: Path) -> dict[str, Path]:
    """A program and what its loader wants, each at its own path."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = re.findall(r"(/\S+) \(0x", said)
    return {path.strip("/"): Path(path).resolve() for path in [str(program), *libraries]}


def _program(name: str) -> Path:
    found = shutil.which(name)
    assert found, f"no {name} on PATH"
    return Path(found)
