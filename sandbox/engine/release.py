"""The official Pulumi release: the archive from get.pulumi.com, its checksum from the release page on GitHub.

Two hosts have to agree on the archive. Nothing signs the list of checksums, so this proves that the archive is the one
that was released and arrived whole; it does not prove who released it.
"""

from __future__ import annotations

import platform
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.download import fetch
from sandbox.engine import VERSION, WayFailedError
from sandbox.progress import Progress

_SYSTEMS = {("Linux", "x86_64"): "linux-x64", ("Linux", "aarch64"): "linux-arm64"} | {
    ("Darwin", "x86_64"): "darwin-x64",
    ("Darwin", "arm64"): "darwin-arm64",
}


@dataclass(frozen=True)
class Release:
    """Where a release of the engine is published.

    Attributes:
        archives: Base address of the archives. Source: https://www.pulumi.com/docs/install/versions/
        checksums: Address of the list of SHA-256 sums. Source: https://github.com/pulumi/pulumi/releases
    """

    archives: str = "https://get.pulumi.com/releases/sdk"
    checksums: str = (
        f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/pulumi-{VERSION}-checksums.txt"  # no `v` here
    )


def download(program: Path, progress: Progress, release: Release | None = None) -> None:
    """Download, verify and unpack the engine.

    Args:
        program: The file to write.
        progress: Told how far the download is.
        release: Where to download from; the official addresses if left out.

    Raises:
        WayFailedError: No release for this machine, no answer, a stalled download, or a wrong checksum.
    """
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        _unpack(download_archive(Path(folder), progress, release), program)


def download_archive(
    folder: Path,
    progress: Progress,
    release: Release | None = None,
    *,
    system: str | None = None,
    machine: str | None = None,
) -> Path:
    """Download and verify the archive with the engine, its language hosts and what else belongs to it.

    Args:
        folder: Where to put it.
        progress: Told how far the download is.
        release: Where to download from; the official addresses if left out.
        system: `Linux` or `Darwin`; this machine's if left out.
        machine: For example `x86_64`; this machine's if left out.

    Raises:
        WayFailedError: No release for that machine, no answer, a stalled download, or a wrong checksum.
    """
    release = release or Release()
    wanted = (system or platform.system(), machine or platform.machine())
    if wanted not in _SYSTEMS:
        raise WayFailedError(f"no release for {wanted[0]} on {wanted[1]}")
    sums, archive = folder / "checksums.txt", folder / f"pulumi-v{VERSION}-{_SYSTEMS[wanted]}.tar.gz"
    fetch(release.checksums, sums, progress, name="Pulumi engine")
    expected = _expected(sums, archive.name)
    actual = fetch(f"{release.archives}/{archive.name}", archive, progress, name="Pulumi engine")
    if actual != expected:
        raise WayFailedError(f"{archive.name} has SHA-256 {actual}, the release page says {expected}")
    return archive


def _expected(sums: Path, name: str) -> str:
    for line in sums.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, file = line.partition(" ")
        if file.strip().lstrip("*") == name:
            return digest.lower()
    raise WayFailedError(f"the release page has no checksum for {name}")


def _unpack(archive: Path, program: Path) -> None:
    try:
        with tarfile.open(archive) as files, program.open("wb") as target:
            source = files.extractfile("pulumi/pulumi")
            if source is None:
                raise WayFailedError(f"{archive.name} holds no program")
            shutil.copyfileobj(source, target)
    except (KeyError, tarfile.TarError, EOFError) as error:
        raise WayFailedError(f"{archive.name} cannot be unpacked: {error}") from None
    program.chmod(0o755)
