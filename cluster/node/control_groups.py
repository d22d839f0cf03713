"""The control group that holds all pods of a node, in every hierarchy of this machine.

Source: https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_KINDS = ("cgroup", "cgroup2")
_REMOVE_SECONDS = 30.0
_POLL = 0.1


def hierarchies() -> list[Path]:
    """Where control groups are mounted: one place with version 2, one a controller with version 1."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        place, _, kind = line.partition(" - ")
        if kind.split()[0] in _KINDS:
            found.append(Path(place.split()[4]))
    return found


def make(name: str) -> None:
    """Make the group; in version 2 with every controller that there is."""
    for hierarchy in hierarchies():
        group = hierarchy / name
        group.mkdir()
        offered = hierarchy / "cgroup.controllers"
        if offered.exists():
            for controller in offered.read_text(encoding="utf-8").split():
                for parent in (hierarchy, group):  # kubelet would do it too
                    (parent / "cgroup.subtree_control").write_text(f"+{controller}", encoding="utf-8")


def remove(name: str) -> None:
    """Remove the group and all below it; its processes have been killed, and may take a moment to be gone.

    Raises:
        OSError: There is still a process in it.
    """
    deadline = time.monotonic() + _REMOVE_SECONDS
    for hierarchy in hierarchies():
        while (hierarchy / name).exists():
            try:
                for folder, _, _ in os.walk(hierarchy / name, topdown=False):
                    with contextlib.suppress(FileNotFoundError):
                        Path(folder).rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL)
