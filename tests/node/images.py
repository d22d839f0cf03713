"""Images for tests, of files that this machine has: busybox, curl and a script. No builder, no base, the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from cluster.node.image import write_image

_APPLICATION = Path(__file__).parent / "application.sh"


def application(archive: Path, name: str) -> Path:
    """Write the image of `application.sh`; it has what the scripts that run in pods need, `sh` and `curl`.

    Args:
        archive: The file to write, an OCI archive.
        name: The image's name and tag.
    """
    busybox = _program("busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    links = {f"bin/{applet}": "busybox" for applet in applets if applet not in ("busybox", "curl")}
    files = {"bin/busybox": busybox, "bin/application": _APPLICATION, **_with_libraries(_program("curl"))}
    write_image(archive, name, files, ["/bin/application"], links=links)
    return archive


def _with_libraries(program: Path) -> dict[str, Path]:
    """A program and what its loader wants, each at its own path."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = re.findall(r"(/\S+) \(0x", said)
    return {path.strip("/"): Path(path).resolve() for path in [str(program), *libraries]}


def _program(name: str) -> Path:
    found = shutil.which(name)
    assert found, f"no {name} on PATH"
    return Path(found)
