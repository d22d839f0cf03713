"""A stack file that a command edits: read, written if nobody else did meanwhile, and shown as a diff."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.file_diff import show, unified

if TYPE_CHECKING:
    from improvements.improvement import Stack


DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the diff and write nothing.")]
RegistryHost = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="HOST",
        help="The registry's address from here, if neither that of its images nor registry.address.",
    ),
]


@dataclass(frozen=True)
class StackFile:
    """A stack's file and what it says."""

    path: Path
    """The file."""
    text: str
    """Its text."""
    stack: Stack
    """Its settings, which are accepted, but for an image that goes."""

    def replace(self, after: str, said: Mapping[str, object], present: str, *, dry_run: bool, json_: bool) -> None:
        """Write another text, and show what that changes.

        Args:
            after: the text.
            said: what JSON says beside the diff.
            present: what to tell where nothing changes.
            dry_run: write nothing.
            json_: show JSON.
        """
        from cli.console import output  # noqa: PLC0415 - help does not need it
        from config.files import replace_text  # noqa: PLC0415 - help does not need it

        diff = unified(self.path.name, self.text, after)
        if diff and not dry_run:
            if self.path.read_bytes().decode() != self.text:
                refuse(f"{self.path.name} was changed meanwhile; nothing was written. Run it again")
            replace_text(self.path, after)
        if json_:
            written = bool(diff) and not dry_run
            typer.echo(json.dumps({**said, "diff": diff, "written": written}, indent=2, ensure_ascii=False))
            return
        console = output()
        show(console, diff)
        stack = self.stack.source.stack
        done = f"written; read `pulumi preview --stack {stack}` before `pulumi up`"
        line = f"{self.path.name}: {'not written' if dry_run else done}" if diff else present
        console.print(line, markup=False)


def opened(root: Path, stack: str, *, image_of: str | None = None) -> StackFile:
    """The file of a stack.

    Args:
        root: the project.
        stack: the stack.
        image_of: a service that gets another image; the one that it has may be what is not accepted.

    Raises:
        SettingsError: its settings are not accepted.
    """
    loaded = loaded_stack(root, stack, image_of=image_of)
    path = root / loaded.source.file.name
    return StackFile(path, path.read_bytes().decode(), loaded)


def loaded_stack(root: Path, stack: str, *, image_of: str | None = None) -> Stack:
    """The settings of a stack, with the files that say them.

    Args:
        root: the project.
        stack: the stack.
        image_of: a service that gets another image; the one that it has may be what is not accepted.

    Raises:
        SettingsError: they are not accepted.
    """
    from config import CATALOGUE, read_stack  # noqa: PLC0415 - help does not need it
    from config.files import read_yaml  # noqa: PLC0415 - help does not need it
    from improvements.improvement import Stack  # noqa: PLC0415 - help does not need it

    source, catalogue = read_stack(stack, root), read_yaml(CATALOGUE)
    if image_of is None:
        return Stack.load(source, catalogue)
    from rollout.stack_file import stack_for_image  # noqa: PLC0415 - who only reads needs no ruamel.yaml

    return stack_for_image(source, catalogue, image_of)


@contextmanager
def one_line_errors(*, writes: bool = True) -> Iterator[None]:
    """End the command with one line where the image, the registry or the file is not what it must be.

    Args:
        writes: the command writes, so the line says that it did not.
    """
    from cli.console import readable_errors  # noqa: PLC0415 - help does not need it
    from registry.problem import RegistryError  # noqa: PLC0415 - help does not need it
    from rollout.wanted import RolloutError  # noqa: PLC0415 - help does not need it
    from sandbox.network import WayFailedError  # noqa: PLC0415 - help does not need it

    with readable_errors():
        try:
            yield
        except (RolloutError, RegistryError, WayFailedError) as error:
            end = "" if str(error).endswith("?") else "."
            refuse(f"{error}{end} Nothing was written" if writes else str(error))
        except OSError as error:
            refuse(f"{error.filename}: {error.strerror}. Nothing was written")


def refuse(text: str) -> NoReturn:
    """End the command with one line."""
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(1)


def is_digest(text: str) -> bool:
    """Whether a text is an image's digest."""
    return re.fullmatch(r"sha256:[0-9a-f]{64}", text) is not None
