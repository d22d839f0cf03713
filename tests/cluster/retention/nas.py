"""Directories as services leave them on the NAS, and how they are at a moment."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

DAY = 86400


@dataclass(frozen=True)
class Entry:
    """What is known of a path.

    Attributes:
        mode: Type and permissions.
        owner: User and group.
        seconds: When its content last changed.
        content: Of a file; a link's target.
    """

    mode: int
    owner: tuple[int, int]
    seconds: float
    content: bytes = b""

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory and no link to one."""
        return stat.S_ISDIR(self.mode)


Tree = Mapping[str, Entry]
"""Every path below a folder, `/` between the names."""


class Nas:
    """A folder of one environment's services.

    Args:
        root: Its place; it exists.
        user: Whose everything is that is made.
    """

    def __init__(self, root: Path, user: int) -> None:
        self.root, self._user = root, user

    def file(self, path: str, days: float, content: bytes = b"x") -> str:
        """Make a file that was last written so many days ago."""
        place = self._place(path)
        place.write_bytes(content)
        return self._made(path, days)

    def link(self, path: str, target: str, days: float = 4000) -> str:
        """Make a symbolic link."""
        self._place(path).symlink_to(target)
        return self._made(path, days)

    def directory(self, path: str, days: float) -> str:
        """Make a directory, or say when the one that is there was last changed."""
        self._place(path).mkdir(exist_ok=True)
        return self._made(path, days)

    def marked(self, service: str) -> str:
        """Make a service's directory with the mark in it."""
        self.file(f"{service}/.log-retention", 0, b"")
        return service

    def tree(self) -> Tree:
        """All that is there."""
        return dict(_entries(self.root, ""))

    def clear(self) -> None:
        """Remove all that is there."""
        for each in self.root.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink()

    def _place(self, path: str) -> Path:
        place = self.root / path
        for folder in reversed(place.relative_to(self.root).parents):
            if not (self.root / folder).exists():
                (self.root / folder).mkdir()
                os.chown(self.root / folder, self._user, self._user)
        return place

    def _made(self, path: str, days: float) -> str:
        moment = int(time.time()) - int(days * DAY)  # whole seconds: busybox compares no smaller parts
        os.chown(self.root / path, self._user, self._user, follow_symlinks=False)
        os.utime(self.root / path, (moment, moment), follow_symlinks=False)
        return path


def still(tree: Tree) -> Tree:
    """The same tree without what changes in a directory when something in it goes."""
    return {path: replace(each, seconds=0.0) if each.is_directory else each for path, each in tree.items()}


def _entries(folder: Path, below: str) -> Iterator[tuple[str, Entry]]:
    for each in os.scandir(folder):
        path = f"{below}{each.name}"
        found = each.stat(follow_symlinks=False)
        entry = Entry(found.st_mode, (found.st_uid, found.st_gid), found.st_mtime)
        if each.is_symlink():
            entry = replace(entry, content=os.fsencode(Path(each.path).readlink()))
        elif each.is_file():
            entry = replace(entry, content=Path(each.path).read_bytes())
        yield path, entry
        if entry.is_directory:
            yield from _entries(Path(each.path), f"{path}/")
