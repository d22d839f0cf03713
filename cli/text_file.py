"""Text that a command reads from a file or a pipe, and writes to a file: whole, or one line says why not."""

from __future__ import annotations

import sys
from pathlib import Path


def read_text(file: str | Path) -> str:
    """What a file holds; `-` is standard input.

    Raises:
        SandboxError: it cannot be read, or is not UTF-8.
    """
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else Path(file).read_bytes()
        return raw.decode()
    except OSError as error:
        raise SandboxError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SandboxError(f"{file} cannot be read: it is not UTF-8 text") from None


def write_text(path: Path, text: str) -> None:
    """Write a file in one step.

    Raises:
        SandboxError: it cannot be written.
    """
    from config.files import replace_text  # noqa: PLC0415 - help does not need it
    from sandbox.problem import SandboxError  # noqa: PLC0415 - help does not need it

    try:
        replace_text(path, text)
    except OSError as error:
        raise SandboxError(f"{path} cannot be written: {error.strerror}") from None
