"""Install a bundle on a machine without network. Needs the standard library only.

Everything is verified before anything is installed: a bundle that was cut off or changed on its way leaves the machine
as it was. What `uv.lock` pins is verified a second time, by uv, against the checksums there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bundle.manifest import NAME, Manifest, Part, Target, lock_digest, this_machine
from sandbox.engine import cache_directory, cached_path
from sandbox.network import WayFailedError

_CHUNK = 1 << 20

Say = Callable[[str], None]


@dataclass(frozen=True)
class Bundle:
    """A bundle that was verified and unpacked.

    Attributes:
        manifest: What is in it.
        folder: Where its files are.
        python: The interpreter that the environment is for.
    """

    manifest: Manifest
    folder: Path
    python: str

    @property
    def wheels(self) -> Path:
        """The folder of the wheels."""
        return self.folder / "wheels"

    @property
    def uv(self) -> Path:
        """The uv in it, kept in the tool cache, where `scripts/venv` looks for one.

        Raises:
            WayFailedError: There is none.
        """
        wheel = next((part for part in self.manifest.parts if (part.kind, part.name) == ("wheel", "uv")), None)
        if wheel is None:
            raise WayFailedError("the bundle holds no uv")
        place = cache_directory() / f"uv-{wheel.version}" / "bin" / "uv"
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name("uv.unfinished")
        with zipfile.ZipFile(self.folder / wheel.file) as files:
            unfinished.write_bytes(files.read(f"uv-{wheel.version}.data/scripts/uv"))
        unfinished.chmod(0o755)
        unfinished.replace(place)
        return place

    def install(self, make_environment: Callable[[Bundle], None], say: Say) -> None:
        """Put everything in its place.

        Args:
            make_environment: Makes `.venv` out of the wheels.
            say: Told what was installed, and what is missing.
        """
        make_environment(self)
        for part in self.manifest.parts:
            if part.kind == "engine":
                # The folder of the program, with the language hosts beside it, as the official installer has it.
                _unpack(self.folder / part.file, cached_path().parent.parent, below="pulumi", within="bin")
                say(f"pulumi {part.version}: {cached_path()}")
            elif part.kind == "plugin":
                place = plugins_directory() / f"resource-{part.name}-v{part.version}"
                _unpack(self.folder / part.file, place)
                say(f"{part.name} plug-in {part.version}: {place}")
        for missing in self.manifest.missing:
            say(f"not in the bundle: {missing}")
        say("installed; `scripts/ackp doctor --offline` says whether something else is missing")


def plugins_directory() -> Path:
    """Where `pulumi` looks for plug-ins. Source: https://www.pulumi.com/docs/iac/cli/environment-variables/."""
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"


@contextmanager
def opened(file: Path, root: Path, say: Say) -> Iterator[Bundle]:
    """Verify and unpack a bundle into a folder that is gone afterwards.

    Args:
        file: The bundle.
        root: The checkout that it has to be for.
        say: Told what happens.

    Raises:
        WayFailedError: It is no bundle, damaged, or for another machine, Python or checkout.
    """
    cache_directory().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_directory()) as folder:
        try:
            with tarfile.open(file, "r:") as archive:
                manifest = _manifest(archive)
                python = _fit(manifest, root)
                say(f"{file}: {len(manifest.parts)} files for {manifest.target}; verifying them")
                _extract(archive, manifest, Path(folder))
        except FileNotFoundError:
            raise WayFailedError(f"{file}: there is no such file") from None
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise WayFailedError(f"{file} is no bundle, or was cut off on its way: {error}") from None
        yield Bundle(manifest, Path(folder), python)


def _manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    content = archive.extractfile(first) if first and first.name == NAME else None
    if content is None:
        raise ValueError(f"its first member is not {NAME}")
    return Manifest.parse(content.read())


def _fit(manifest: Manifest, root: Path) -> str:
    """The interpreter to use, if the bundle is for this machine and this checkout."""
    here, there = this_machine(), manifest.target
    if here.platform != there.platform:
        raise WayFailedError(f"the bundle is for {there.platform}, this is {here.platform}; {_again(here)}")
    if manifest.lock != lock_digest(root):
        raise WayFailedError(f"the bundle was made from another uv.lock than this checkout's; {_again(there)}")
    python = sys.executable if here.python == there.python else shutil.which(f"python{there.python}")
    if python is None:
        raise WayFailedError(f"the bundle is for Python {there.python}, this is {here.python}; {_again(here)}")
    return python


def _again(target: Target) -> str:
    return f"make one with `ackp bundle --platform {target.platform} --python {target.python}` in the same checkout"


def _extract(archive: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    wanted = {part.file: part for part in manifest.parts}
    for member in archive:
        if member.name == NAME:
            continue
        part, content = wanted.pop(member.name, None), archive.extractfile(member)
        if part is None or content is None:
            raise ValueError(f"{member.name} is not in its manifest")
        place = folder / _plain(part)
        place.parent.mkdir(exist_ok=True)
        digest = hashlib.sha256()
        with place.open("wb") as target:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
        if digest.hexdigest() != part.sha256:
            raise ValueError(f"{member.name} has SHA-256 {digest.hexdigest()}, the manifest says {part.sha256}")
    if wanted:
        raise ValueError(f"{', '.join(sorted(wanted))} is missing")


def _plain(part: Part) -> Path:
    """Where a part goes: one folder, one name, nothing that leads elsewhere."""
    path = Path(part.file)
    if len(path.parts) != 2 or ".." in path.parts or path.is_absolute():  # noqa: PLR2004 - said above
        raise ValueError(f"{part.file} is no name of a file in a bundle")
    return path


def _unpack(archive: Path, place: Path, *, below: str = "", within: str = "") -> None:
    """Unpack the plain files of an archive beside their place, and move them there in one step."""
    unfinished = place.with_name(f"{place.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with tarfile.open(archive) as files:
            for member in files:
                path = Path(member.name).relative_to(below) if below else Path(member.name)
                content = files.extractfile(member)
                if content is None:
                    continue
                if ".." in path.parts or path.is_absolute():
                    raise WayFailedError(f"{archive.name} holds {member.name}, which leads out of its place")
                target = unfinished / within / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    shutil.copyfileobj(content, file)
                target.chmod(0o755 if member.mode & 0o100 else 0o644)
        shutil.rmtree(place, ignore_errors=True)
        unfinished.rename(place)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise WayFailedError(f"{archive.name} cannot be unpacked: {error}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
