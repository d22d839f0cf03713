"""A machine of a test's own: programs on PATH that do as they are told, and what people would have read."""

from pathlib import Path


class Said:
    """Progress that keeps what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lives: list[str] = []

    def line(self, text: str) -> None:
        self.lines.append(text)

    def live(self, text: str) -> None:
        self.lives.append(text)


def program(path: Path, text: str) -> Path:
    """A shell script that can be started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path
