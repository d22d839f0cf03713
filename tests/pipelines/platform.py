"""A clone of this repository in which steps work, and what it pushes to."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cluster.node.registry import Registry
from tests.settings import ROOT

_SHIPPED = "registry-vpc.cn-hangzhou.aliyuncs.com/example"


def git(folder: Path, *arguments: str | Path) -> str:
    """Run git in a folder, as somebody."""
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass(frozen=True)
class Platform:
    """The clone.

    Attributes:
        clone: its folder.
        origin: where it pushes to.
    """

    clone: Path
    origin: Path


def platform_of(folder: Path, registry: Registry) -> Platform:
    """A clone whose stacks take their images from a registry."""
    clone, origin = folder / "platform", folder / "origin"
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    for stack in ("test", "uat"):
        file = clone / f"Pulumi.{stack}.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(f"{_SHIPPED}\n", f"{registry.address}/example\n"), encoding="utf-8")
    git(clone, "init", "--quiet", "--initial-branch", "main")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "the platform")
    git(folder, "clone", "--quiet", "--bare", clone, origin)
    git(clone, "remote", "add", "origin", str(origin))
    return Platform(clone, origin)
