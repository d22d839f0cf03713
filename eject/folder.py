"""The folder of an ejected stack, written so that a run that was cut off can be repeated."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from components.manifests.text import file_name, yaml_text
from eject.deployment import Deployment
from eject.page import heading, page
from sandbox.problem import SandboxError

PAGE, BACKUP = "README.md", "state.json"


def check(folder: Path, stack: str, exported: str) -> None:
    """Refuse a folder with anything in it but what an earlier run for the same stack has written.

    Args:
        folder: The folder; it need not exist.
        stack: The stack.
        exported: The state. A backup of another one is never written over.

    Raises:
        SandboxError: The folder is not to be used.
    """
    another = f"Name another one with --out, or move {folder} away."
    try:
        if not folder.exists():
            return
        if any(folder.iterdir()) and not is_ejected(folder, stack):
            raise SandboxError(f"{folder} is not empty, and not the stack {stack} ejected. {another}")
        if (folder / BACKUP).exists() and (folder / BACKUP).read_text(encoding="utf-8") != exported:
            raise SandboxError(f"{folder / BACKUP} is the backup of another state of {stack}. {another}")
    except OSError as error:
        raise SandboxError(f"{folder} cannot be used: {error.strerror}. {another}") from None


def is_ejected(folder: Path, stack: str) -> bool:
    """Whether a folder was written for a stack."""
    try:
        with (folder / PAGE).open(encoding="utf-8", errors="replace") as file:
            return file.readline().rstrip("\n") == heading(stack)
    except OSError:
        return False


def write(folder: Path, deployment: Deployment, *, backup: str | None) -> int:
    """Write the files, and remove those of an earlier run that are no more.

    Args:
        folder: The folder, checked.
        deployment: What to write.
        backup: The state to keep beside the files; None for none.

    Returns:
        How many files were written.

    Raises:
        SandboxError: The folder cannot be written.
    """
    files = dict(_files(deployment))
    try:
        # The page first: by it the folder of a run that was cut off is known again.
        for name, text in files.items():
            _write(folder / name, text)
        for part in ("objects", "helm"):
            for path in sorted((folder / part).glob("*.yaml")):
                if path.relative_to(folder).as_posix() not in files:
                    path.unlink()
        if backup is not None:
            _write(folder / BACKUP, backup, mode=0o600)
    except OSError as error:
        raise SandboxError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    return len(files)


def _files(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Path in the folder and text of each file."""
    yield PAGE, page(deployment)
    yield ".gitignore", f"/{BACKUP}\n"
    yield "outputs.json", json.dumps(deployment.outputs, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    width = len(str(len(deployment.objects)))
    for number, manifest in enumerate(deployment.objects, 1):
        yield f"objects/{number:0{width}}-{file_name(manifest)}", yaml_text(manifest)
    for release in deployment.releases:
        yield release.file, yaml_text(release.values)


def _write(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a file as a whole; it is on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
