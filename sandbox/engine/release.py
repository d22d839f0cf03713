"""Download the official Pulumi release: the archive from get.pulumi.com, its checksum from the release page on GitHub.

Two hosts have to agree on the archive. Nothing signs the list of checksums, so this proves that the archive is the one
that was released and arrived whole; it does not prove who released it.
"""

from __future__ import annotations

import hashlib
import platform
import queue
import shutil
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine import VERSION, WayFailedError
from sandbox.progress import Progress

CONNECT_SECONDS = 5.0
"""How long a server may take to answer at all: name, connection and first header together."""

STALL_SECONDS = 15.0
"""How long a download may stand still."""

_CHUNK = 1 << 18
_MEGABYTE = 1 << 20
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
    release = release or Release()
    system = _SYSTEMS.get((platform.system(), platform.machine()))
    if system is None:
        raise WayFailedError(f"no release for {platform.system()} on {platform.machine()}")
    name = f"pulumi-v{VERSION}-{system}.tar.gz"
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        sums, archive = Path(folder) / "checksums.txt", Path(folder) / name
        _fetch(release.checksums, sums, progress)
        expected = _expected(sums, name)
        _fetch(f"{release.archives}/{name}", archive, progress)
        with archive.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != expected:
            raise WayFailedError(f"{name} has SHA-256 {actual}, the release page says {expected}")
        _unpack(archive, program)


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


def _fetch(url: str, target: Path, progress: Progress) -> None:
    """Download in a thread and watch it: a name lookup that hangs has no time limit of its own."""
    steps: queue.SimpleQueue[int | str | None] = queue.SimpleQueue()
    threading.Thread(target=_transfer, args=(url, target, steps), daemon=True).start()
    begin, limit, received = time.monotonic(), CONNECT_SECONDS, 0
    while True:
        try:
            step = steps.get(timeout=limit)
        except queue.Empty:
            raise WayFailedError(
                f"{url} stood still for {STALL_SECONDS:.0f} s"
                if received
                else f"{url} did not answer in {CONNECT_SECONDS:.0f} s"
            ) from None
        if step is None:
            return
        if isinstance(step, str):
            raise WayFailedError(f"{url}: {step}")
        received, limit = received + step, STALL_SECONDS
        seconds = time.monotonic() - begin
        progress.live(f"Pulumi engine: downloading {target.name}, {received / _MEGABYTE:.0f} MB in {seconds:.0f} s")


def _transfer(url: str, target: Path, steps: queue.SimpleQueue[int | str | None]) -> None:
    try:
        with (
            urllib.request.urlopen(url, timeout=STALL_SECONDS) as answer,  # noqa: S310 - the addresses are fixed
            target.open("wb") as file,
        ):
            while chunk := answer.read1(_CHUNK):
                file.write(chunk)
                steps.put(len(chunk))
            if answer.length:
                steps.put("the connection ended too early")
        steps.put(None)
    except urllib.error.HTTPError as error:
        steps.put(f"HTTP {error.code}")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        steps.put(getattr(reason, "strerror", None) or str(reason))
