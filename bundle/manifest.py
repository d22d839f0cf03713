"""What a bundle is: a tar file whose first member says what is in it, for which machine, and what is missing.

Needs the standard library only: a bundle is read before there is an environment.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
"""The version of the format; another one is refused."""

NAME = "manifest.json"
"""The first member of the archive."""

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Target:
    """The machine that a bundle is for.

    Attributes:
        system: `linux` (with glibc 2.28 or newer) or `darwin`.
        machine: `x86_64` or `aarch64`.
        python: Major and minor version of CPython, for example `3.12`.
    """

    system: str
    machine: str
    python: str

    @property
    def platform(self) -> str:
        """System and machine, for example `linux-x86_64`."""
        return f"{self.system}-{self.machine}"

    @property
    def go_machine(self) -> str:
        """The machine's name in the files that Pulumi publishes: `amd64` or `arm64`."""
        return {"x86_64": "amd64", "aarch64": "arm64"}[self.machine]

    def __str__(self) -> str:
        return f"{self.platform} with Python {self.python}"


PLATFORMS = ("linux-x86_64", "linux-aarch64", "darwin-x86_64", "darwin-aarch64")
"""The platforms for which the engine, the plug-ins and all wheels are published."""


def this_machine() -> Target:
    """The machine that this runs on."""
    machine = platform.machine().lower()
    return Target(
        platform.system().lower(), _MACHINES.get(machine, machine), f"{sys.version_info[0]}.{sys.version_info[1]}"
    )


@dataclass(frozen=True, order=True)
class Part:
    """One file of a bundle.

    Attributes:
        kind: `engine`, `plugin` or `wheel`.
        name: For example `pulumi`, `kubernetes`, `grpcio`.
        version: Its version.
        file: The member of the archive, for example `wheels/grpcio-….whl`.
        sha256: Its SHA-256, in hexadecimal.
    """

    kind: str
    name: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True, order=True)
class Missing:
    """Something that belongs into a bundle and could not be had.

    Attributes:
        kind: `engine`, `language host` or `plugin`.
        name: For example `kubernetes`.
        version: The version that is wanted.
        reason: Why it is not there, one line.
    """

    kind: str
    name: str
    version: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.version}: {self.reason}"


@dataclass(frozen=True)
class Manifest:
    """What is in a bundle.

    Attributes:
        lock: `lock_digest` of the checkout that it was made from.
        target: The machine that it is for.
        parts: Its files, sorted.
        missing: What is not in it, sorted.
    """

    lock: str
    target: Target
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]

    def text(self) -> str:
        """The manifest as JSON; the same manifest gives the same bytes."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Read a manifest.

        Raises:
            ValueError: It is none, or one of another format.
        """
        try:
            values = json.loads(text)
            if values["format"] != FORMAT:
                raise ValueError(f"format {values['format']}, not {FORMAT}")
            return cls(
                values["lock"],
                Target(**values["target"]),
                tuple(Part(**each) for each in values["parts"]),
                tuple(Missing(**each) for each in values["missing"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no manifest of a bundle: {error}") from None


def lock_digest(root: Path) -> str:
    """The SHA-256 of what decides which wheels, plug-ins and engine a checkout needs."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock", "sandbox/engine/go.mod"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()
