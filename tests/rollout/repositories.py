"""A real git repository with the shipped stacks in it, whose commits give `study` one image after the other."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.settings import ROOT

A = f"sha256:{'a' * 64}"
FIRST = "uat-1.9.3-a1b2c3d4-20261109T100000"
SECOND = "uat-1.9.4-a1b2c3d4-20261112T090000"
THIRD = "uat-2.0.0-ffffffff-20261113T090000"


@dataclass(frozen=True)
class Repository:
    """A git repository."""

    folder: Path
    """Its folder."""

    def git(self, *arguments: str, day: int = 1) -> str:
        """Run git, on a day of November 2026."""
        date = f"2026-11-{day:02}T10:02:00+08:00"
        who = {
            f"GIT_{each}_{what}": "ops@example.com" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        variables = {
            **clean,
            **who,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        done = subprocess.run(
            ["git", "-C", self.folder, *arguments], capture_output=True, text=True, check=True, env=variables
        )
        return done.stdout.strip()

    def commit(self, message: str, day: int) -> str:
        """Commit everything; the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, day=day)
        return self.git("rev-parse", "HEAD")

    def study(self, image: str, message: str, day: int) -> str:
        """Give `study` an image and commit that."""
        write_study(self.folder, image)
        return self.commit(message, day)


def repository(folder: Path) -> Repository:
    """A repository without a commit, with the shipped stacks lying in it."""
    for stack in ("test", "uat"):
        text = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
        (folder / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    found = Repository(folder)
    found.git("init", "-q", "-b", "main")
    return found


def write_study(folder: Path, image: str, stack: str = "uat") -> None:
    """Give `study` another image in a stack's file."""
    path = folder / f"Pulumi.{stack}.yaml"
    *lines, last = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert last.lstrip().startswith("study:")
    path.write_text("".join([*lines, f"    study: {{ image: {image} }}\n"]), encoding="utf-8")
