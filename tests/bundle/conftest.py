"""The least of a project that a bundle can be made of, and servers that have its package and its plug-ins."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bundle.manifest import Manifest, this_machine
from bundle.pack import make
from sandbox.engine import VERSION, Engine, find_engine, release
from sandbox.engine.release import Release
from sandbox.progress import Lines
from tests.bundle.servers import serving
from tests.sandbox.machine import Said, program

HERE = this_machine()
KUBERNETES = f"pulumi-resource-kubernetes-v4.34.2-{HERE.system}-{HERE.go_machine}.tar.gz"
NOWHERE = "http://127.0.0.1:9"


def wheel(name: str, content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as files:
        for path, data in content.items():
            files.writestr(zipfile.ZipInfo(f"{name}/{path}"), data)
    return buffer.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@dataclass
class Connected:
    """A connected machine: its checkout, and what the servers have.

    Attributes:
        root: The checkout.
        files: What the server has, by path; changed by a test.
        address: The server.
        said: What `make` said.
    """

    root: Path
    files: dict[str, bytes]
    address: str
    said: Said = field(default_factory=Said)

    def lock(self, **wheels: bytes) -> None:
        """Write a lock file that pins these wheels, and serve them."""
        names = ["pulumi-alicloud", "pulumi-kubernetes", *wheels]
        text = 'version = 1\n[[package]]\nname = "tiny"\nversion = "1"\nsource = { editable = "." }\ndependencies = ['
        text += "".join(f'{{ name = "{name}" }},' for name in names) + "]\n"
        for name in names:
            version = {"pulumi-alicloud": "4.0.0", "pulumi-kubernetes": "4.34.2"}.get(name, "1.0")
            file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            content = wheels.get(name, wheel(name, {}))
            self.files[f"/packages/{file}"] = content
            digest = hashlib.sha256(content).hexdigest()
            text += f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "x" }}\n'
            text += f'wheels = [{{ url = "{self.address}/packages/{file}", hash = "sha256:{digest}" }}]\n'
        (self.root / "uv.lock").write_text(text)

    def make(self, out: Path, index: str | None = None) -> Manifest:
        """Make a bundle for a machine like this one."""
        return make(self.root, HERE, index, out, self.said)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of this machine; fetched or built if it has none."""
    return find_engine(Lines())


@pytest.fixture
def connected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connected]:
    """A machine with a `pulumi` on PATH, nothing else, and a server with one plug-in; Pulumi's own are out of reach."""
    root = tmp_path / "checkout"
    (root / "sandbox" / "engine").mkdir(parents=True)
    (root / "sandbox" / "engine" / "go.mod").write_text("module engine\n")
    (root / "pyproject.toml").write_text('[project]\nname = "tiny"\n')
    program(tmp_path / "bin" / "pulumi", f"echo v{VERSION}")
    program(tmp_path / "bin" / "pulumi-language-python", "")
    for name in ("HOME", "XDG_CACHE_HOME", "PULUMI_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(release, "Release", lambda: Release(f"{NOWHERE}/sdk", f"{NOWHERE}/sums"))
    files = {f"/plugins/{KUBERNETES}": packed({"pulumi-resource-kubernetes": b"#!/bin/sh\n", "LICENSE": b"text"})}
    with serving(files) as address:
        monkeypatch.setenv(
            "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES", f"^github://api.github.com/pulumi/={address}/plugins"
        )
        machine = Connected(root, files, address)
        machine.lock(tinydep=wheel("tinydep", {"__init__.py": b""}))
        yield machine
