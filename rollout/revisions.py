"""A file's earlier texts, as git has them: newest first, each with the commit that made it so.

Source: https://git-scm.com/docs/git-log and https://git-scm.com/docs/git-cat-file
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from rollout.wanted import RolloutError

_FORMAT = "%x00%H%x00%cI%x00%s"
_SETTINGS = ("-c", "core.quotePath=off", "-c", "log.showSignature=false")


@dataclass(frozen=True)
class Revision:
    """A file as a commit left it."""

    commit: str
    """The commit, 40 hexadecimal digits."""
    date: str
    """When it was made, as ISO 8601 has it, in the committer's time zone."""
    subject: str
    """The first line of its message."""
    path: str
    """The file's path in the repository, which was another one before the file was renamed."""


@dataclass(frozen=True)
class History:
    """The commits that changed a file, on the branch itself: what a merge brought counts as the merge."""

    folder: Path
    """The file's folder."""
    revisions: tuple[Revision, ...]
    """The newest first."""
    shallow: bool
    """Whether the clone has only the newest commits."""

    @classmethod
    def of(cls, file: Path) -> History:
        """The history of a file, also from before it was renamed.

        Raises:
            RolloutError: git knows nothing of it.
        """
        _in_repository(file)
        along = ("--first-parent", "--diff-merges=first-parent", "--follow", "--name-status")
        fields = _git(file.parent, "log", *along, f"--format={_FORMAT}", "--", file.name).split("\0")[1:]
        found = []
        for commit, date, rest in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
            subject, _, change = rest.partition("\n")
            status, *paths = change.strip("\n").split("\t")
            if paths:
                found.append(Revision(commit, date, subject, paths[-1]))
            if status.startswith("C"):  # begun as a copy of another file: what git goes on with is that one's history
                break
        if not found:
            raise RolloutError(f"git has no commit of {file.name}; commit it first")
        shallow = _git(file.parent, "rev-parse", "--is-shallow-repository").strip() == "true"
        return cls(file.parent, tuple(found), shallow)

    def texts(self) -> Iterator[tuple[Revision, str]]:
        """The file's texts; a commit that removed it is left out. They are read as they are asked for."""
        with _contents(self.folder) as content:
            for revision in self.revisions:
                text = content(f"{revision.commit}:{revision.path}")
                if text is not None:
                    yield revision, text

    def at(self, name: str) -> tuple[Revision, str] | None:
        """The file as it was at a commit that need not have changed it; None where git has no such commit or file.

        Args:
            name: the commit, by anything that git takes for one.
        """
        try:
            shown = _git(
                self.folder, "show", "--no-patch", f"--format={_FORMAT}", "--end-of-options", f"{name}^{{commit}}"
            )
        except RolloutError:
            return None
        _, commit, date, subject = shown.rstrip("\n").split("\0")
        with _contents(self.folder) as content:
            for path in dict.fromkeys(revision.path for revision in self.revisions):
                text = content(f"{commit}:{path}")
                if text is not None:
                    return Revision(commit, date, subject, path), text
        return None


def _in_repository(file: Path) -> None:
    try:
        _git(file.parent, "rev-parse", "--git-dir")
    except RolloutError as error:
        if "not a git repository" not in str(error):
            raise
        raise RolloutError(
            f"{file.name} is in no git repository, and git's history of it is the history of the images; "
            "`ackp set-image` puts one in by its tag"
        ) from None


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(_command(folder, *arguments), capture_output=True, check=False, env=_environment())  # noqa: S603 - git; what people say stands behind --end-of-options
    except FileNotFoundError:
        raise RolloutError("git is not installed, and its history of the stack file is that of the images") from None
    if done.returncode:
        first = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise RolloutError(f"git says: {first.removeprefix('fatal: ')}")
    return done.stdout.decode(errors="replace")


@contextmanager
def _contents(folder: Path) -> Iterator[Callable[[str], str | None]]:
    """What says the text of ``commit:path``, and None where there is none; one git answers them all."""
    command = _command(folder, "cat-file", "--batch")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as git:  # noqa: S603 - git, and names of its own
        into, out = cast("IO[bytes]", git.stdin), cast("IO[bytes]", git.stdout)

        def content(name: str) -> str | None:
            into.write(f"{name}\n".encode())
            into.flush()
            header = out.readline().split()
            if header[1:2] != [b"blob"]:
                return None
            text = out.read(int(header[2]))
            out.read(1)
            return text.decode(errors="replace")

        yield content


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(folder), "--no-pager", *_SETTINGS, *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
