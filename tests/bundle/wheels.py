"""The wheels of `uv.lock` for this machine, fetched once into the tool cache, and an index that has them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bundle.manifest import this_machine
from bundle.wheels import Wheel, download, pinned
from sandbox.builds import built_once
from sandbox.engine import cache_directory
from sandbox.network import python_index
from sandbox.progress import Progress
from tests.bundle.servers import serving
from tests.settings import ROOT


def pinned_wheels(progress: Progress) -> Path:
    """A folder with every wheel that `ackp bundle` would ask PyPI for.

    Raises:
        WayFailedError: One cannot be had.
    """
    wanted = pinned(ROOT, this_machine())

    def fill(folder: Path) -> None:
        for wheel in wanted:
            download(wheel, python_index(), folder / wheel.file, progress)

    return built_once("Pinned wheels", _place(wanted), progress, fill)


@contextmanager
def index(progress: Progress) -> Iterator[str]:
    """The address of an index on the loopback interface that has these wheels and nothing else."""
    wanted, folder = pinned(ROOT, this_machine()), pinned_wheels(progress)
    files = {f"/files/{wheel.file}": (folder / wheel.file).read_bytes() for wheel in wanted}
    files |= {f"/simple/{wheel.name}/": f'<a href="/files/{wheel.file}">a wheel</a>'.encode() for wheel in wanted}
    with serving(files) as address:
        yield f"{address}/simple"


def _place(wanted: list[Wheel]) -> Path:
    digest = hashlib.sha256(repr(wanted).encode()).hexdigest()
    return cache_directory() / f"pinned-wheels-{digest[:12]}"
