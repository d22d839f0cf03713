"""Root file systems as images have them, made of this machine's own programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHELLS = ("dash", "bash", "busybox")
"""What /bin/sh is: Debian's, that of images that replaced it, and Alpine's, where find, ls and rm are busybox too."""


@dataclass(frozen=True)
class Image:
    """A root file system.

    Attributes:
        root: Its folder.
        shared: What the machine lends it, read-only: place in the image → place on the machine.
        path: The image's own PATH.
    """

    root: Path
    shared: Mapping[str, Path]
    path: str


def image(root: Path, shell: str) -> Image:
    """Make an image that has sh, find and curl.

    Args:
        root: A folder that does not exist yet.
        shell: One of `SHELLS`. With busybox there is no other program than busybox and curl.
    """
    for name in ("bin", "dev", "etc", "usr/lib", "usr/lib64"):
        (root / name).mkdir(parents=True)
    (root / "dev" / "null").touch()
    (root / "etc" / "nsswitch.conf").write_text("hosts: files\n", encoding="utf-8")
    for name in ("lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    if shell != "busybox":
        (root / "bin" / "sh").symlink_to(_program(shell))
        return Image(root, {"/usr": Path("/usr"), "/dev/null": Path("/dev/null")}, "/bin:/usr/bin")
    busybox = shutil.copy(_program("busybox"), root / "bin" / "busybox")
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    shutil.copy(_program("curl"), root / "bin" / "curl")
    libraries = {f"/usr/{name}": Path("/usr", name) for name in ("lib", "lib64") if Path("/usr", name).exists()}
    return Image(root, {**libraries, "/dev/null": Path("/dev/null")}, "/bin")


def _program(name: str) -> Path:
    """Where a program is, below /usr, where Debian has them all."""
    found = shutil.which(name, path="/usr/bin:/bin")
    assert found, f"{name} is needed: `make test` installs it"
    return Path(found).resolve() if name == "busybox" else Path(found)
