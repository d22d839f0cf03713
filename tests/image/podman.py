"""Podman with a store of its own: builds by the same command line as docker, runs with runc, leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.progress import Progress
from tests.image import base
from tests.long_command import run_in_sight

BASE_IMAGE = "docker.io/library/eclipse-temurin"
"""The name of the default base; here another image has it, as a registry that cannot be reached is never asked."""


class Podman:
    """One store of images and containers.

    Args:
        folder: Where the store is; an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run = Path(tempfile.mkdtemp(prefix="ackp-"))  # podman takes no more than 50 characters
        registries = folder / "registries.conf"
        registries.write_text('unqualified-search-registries = ["docker.io"]\n')
        self._environment = {
            **os.environ,
            "CONTAINERS_REGISTRIES_CONF": str(registries),
            "BUILDAH_ISOLATION": "chroot",
        }
        self._command: list[str | Path] = [
            "podman",
            *("--root", folder / "root", "--runroot", self._run, "--tmpdir", folder / "tmp"),
            *("--storage-driver", "overlay", "--cgroup-manager", "cgroupfs", "--events-backend", "none"),
            *("--runtime", "/usr/sbin/runc", "--log-level", "error"),
        ]

    def __call__(self, *arguments: str | Path, check: bool = True, cwd: Path | None = None) -> str:
        """Run a subcommand and return what it says on both streams."""
        done = self.start(*arguments, cwd=cwd)
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def start(self, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a subcommand to its end, whatever its exit code."""
        return subprocess.run(
            [*self._command, *arguments],
            env=self._environment,
            cwd=cwd,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def make_base(self, tag: str, progress: Progress, *, instructions: str = "") -> None:
        """Give the tests' base image the name of the default one.

        Args:
            tag: Its tag.
            progress: Where progress goes.
            instructions: Further lines of its Dockerfile.
        """
        files = base.base_files(progress)
        lines = ["FROM scratch", f"ADD {files.name} /", f"ENV JAVA_HOME={base.JAVA_HOME}", instructions]
        recipe = self._folder / "Dockerfile.base"
        recipe.write_text("\n".join(lines) + "\n")
        run_in_sight(
            "base image",
            [*self._command, "build", "--file", recipe, "--tag", f"{BASE_IMAGE}:{tag}", files.parent],
            progress,
            variables={"BUILDAH_ISOLATION": "chroot"},
        )

    def run(
        self,
        image: str,
        *arguments: str,
        options: Sequence[str | Path] = (),
        variables: Mapping[str, str] | None = None,
        memory: str = "256m",
    ) -> subprocess.CompletedProcess[str]:
        """Run a container to its end as a pod's: no capability, nothing writable but /tmp and its volumes."""
        return self.start("run", "--rm", *self.limits(memory), *options, *_variables(variables), image, *arguments)

    @staticmethod
    def limits(memory: str) -> list[str]:
        """Options of a container that is restricted as the pods are. /tmp is a tmpfs that podman adds."""
        # A machine without CAP_SYS_RESOURCE cannot raise these limits to what podman has as defaults.
        files = ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
        restricted = ["--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges"]
        port = ["--sysctl", "net.ipv4.ip_unprivileged_port_start=0"]
        return ["--network", "none", "--memory", memory, *files, *restricted, *port]

    def layers(self, image: str) -> list[str]:
        """The digests of an image's layers, the base's first."""
        found: list[str] = self.inspect(image)["RootFS"]["Layers"]
        return found

    def inspect(self, image: str) -> dict[str, Any]:
        """What the store knows of an image."""
        found: dict[str, Any] = json.loads(self("inspect", image))[0]
        return found

    def close(self) -> None:
        """End every container, take the store's mounts away and remove it."""
        self("rm", "--all", "--force", "--time", "0", check=False)
        # Lazily: what still ends a container holds the mount for a moment longer.
        subprocess.run(["umount", "--lazy", self._folder / "root" / "overlay"], capture_output=True, check=False)
        shutil.rmtree(self._folder)
        shutil.rmtree(self._run, ignore_errors=True)


def _variables(variables: Mapping[str, str] | None) -> list[str]:
    return [word for name, value in (variables or {}).items() for word in ("--env", f"{name}={value}")]
