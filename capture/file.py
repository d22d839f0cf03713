"""Where a capture goes: a file that is whole, or standard output."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sandbox.problem import SandboxError

STANDARD_OUTPUT = "-"


@contextmanager
def written(place: str) -> Iterator[BinaryIO]:
    """Take a capture until the block ends, however it ends: what was written by then is there.

    A file appears under its name at the end and only with something in it; only its owner may read it, as packets hold
    what services say.

    Args:
        place: the file, or `-`.

    Raises:
        SandboxError: nothing can be written there.
    """
    if place == STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise SandboxError("a capture is nothing for a terminal: -w FILE, or a pipe after -w -")
        yield sys.stdout.buffer
        return
    path = Path(place)
    try:
        if path.is_dir():
            raise SandboxError(f"{place} is a folder: -w names a file")
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise SandboxError(f"{place} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            try:
                yield file
            finally:
                file.flush()
                os.fsync(file.fileno())
                if file.tell():
                    Path(name).replace(path)
    except OSError as error:
        raise SandboxError(f"{place} cannot be written: {error.strerror}") from None
    finally:
        Path(name).unlink(missing_ok=True)
