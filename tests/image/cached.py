"""Things that these tests make once for a machine, in the tool cache."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
from pathlib import Path

from sandbox.builds import built_once
from sandbox.engine import cache_directory
from sandbox.progress import Progress


def made_once(name: str, recipe: object, make: Callable[[Path], None], progress: Progress) -> Path:
    """The folder of a thing, made first if the tool cache has none.

    Args:
        name: What people read; the folder's name starts with it.
        recipe: Everything that decides what is made; its ``repr`` goes into the folder's name.
        make: Fills the folder that it is given.
        progress: Told that it is ready.
    """
    digest = hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    place = cache_directory() / f"{name.lower().replace(' ', '-')}-{digest}-{platform.machine()}"
    return built_once(name, place, progress, make)
