"""Debian packages that the tests need: one list, one apt step, which ``python -m tests.tools`` takes first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Final

from sandbox.engine import WayFailedError, one_at_a_time
from sandbox.progress import Progress
from tests.long_command import run_in_sight

PACKAGES: Final = {
    "busybox-static": "a shell and an HTTP server in one file",
    "containernetworking-plugins": "a real node's pods get their addresses by them",
    "curl": "the scripts that run in pods call it",
    "debootstrap": "makes the base image's files from the machine's own mirror",
    "iproute2": "lays the link between this machine and a real node",
    "maven": "builds the services of the tests",
    "nftables": "kube-proxy of a real node writes its rules with it",
    "openjdk-17-jdk-headless": "javac, and the Java of Debian",
    "podman": "builds the image by docker's command line, and runs it",
    "runc": "starts containers",
    "tcpdump": "captures packets on a real node, and reads them back",
}
"""The packages, each with what it is needed for."""

_ELSEWHERE: Final = {"runc": "runc"}
"""Programs that another package may have brought: Docker's conflicts with Debian's runc, and has the same program."""

_APT = ("apt-get", "--quiet", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30")


def unfit() -> str | None:
    """Why this machine cannot run what needs Debian's packages: not Linux, or not root; None where it can."""
    if sys.platform != "linux":
        return f"needs Linux, this is {sys.platform}"
    if os.geteuid() != 0:
        return f"needs root, this is the user {os.geteuid()}"
    return None


def missing() -> list[str]:
    """The packages that are not installed, sorted."""
    asked = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *PACKAGES]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    brought = {package for package, program in _ELSEWHERE.items() if shutil.which(program)}
    return sorted(set(PACKAGES) - installed - brought)


def install_packages(progress: Progress) -> None:
    """Install what is missing; nothing is asked of a mirror where nothing is.

    Raises:
        WayFailedError: Not Linux, not root, no apt, or apt failed.
    """
    reason = unfit()
    if reason:
        raise WayFailedError(f"Debian packages: {reason}; run `make test` as root on Debian or Ubuntu")
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        raise WayFailedError("Debian packages: no apt on this machine; run `make test` on Debian or Ubuntu")
    if not missing():
        return
    with one_at_a_time("Debian packages", progress):
        wanted = missing()
        if not wanted:
            return
        progress.line(f"Debian packages: installing {' '.join(wanted)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run_in_sight("Debian packages", [*_APT, "update"], progress, variables=quiet)
        install = [*_APT, "-o", "DPkg::Lock::Timeout=300", "install", "--yes", "--no-install-recommends", *wanted]
        run_in_sight("Debian packages", install, progress, variables=quiet)
        if missing():
            raise WayFailedError(f"Debian packages: apt did not install {' '.join(missing())}")
    progress.line("Debian packages: ready")
