"""Make a bundle: engine, plug-ins and wheels in the pinned versions, in one tar file. Same files, same bytes."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from pathlib import Path

from bundle import plugins, wheels
from bundle.manifest import NAME, Manifest, Missing, Part, Target, lock_digest, this_machine
from sandbox.engine import VERSION, EngineUnavailableError, find_engine
from sandbox.engine.release import download_archive
from sandbox.network import WayFailedError
from sandbox.progress import Progress

_LANGUAGE_HOST = "pulumi-language-python"
_BESIDE = (_LANGUAGE_HOST, f"{_LANGUAGE_HOST}-exec")
_SYSTEMS = {"linux": "Linux", "darwin": "Darwin"}


def make(root: Path, target: Target, index: str | None, out: Path, progress: Progress) -> Manifest:
    """Make a bundle for a machine.

    Args:
        root: The checkout; its `uv.lock` says which versions.
        target: The machine.
        index: The index that the wheels come from; None: PyPI.
        out: The file to write; there at once and whole, or not at all.
        progress: Told what is fetched, and what cannot be had.

    Returns:
        What is in it, and what is missing: engine and plug-ins may be.

    Raises:
        WayFailedError: A wheel cannot be had; without any one of them nothing works.
    """
    missing: list[Missing] = []
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".bundle-") as name:
        folder = Path(name)
        for kind in ("wheels", "engine", "plugins"):
            (folder / kind).mkdir()
        parts = _wheels(root, target, index, folder, progress)
        parts += _engine(target, folder, missing, progress)
        pins = wheels.versions(root, target)
        for plugin in plugins.PLUGINS:
            version = pins[f"pulumi-{plugin}"]
            try:
                parts.append(
                    _part("plugin", plugin, version, _plugin(plugin, version, target, folder, progress), folder)
                )
            except WayFailedError as reason:
                missing.append(Missing("plugin", plugin, version, str(reason)))
        manifest = Manifest(lock_digest(root), target, tuple(sorted(parts)), tuple(sorted(missing)))
        _write(manifest, folder, folder / "bundle.tar")
        (folder / "bundle.tar").replace(out)
    return manifest


def _wheels(root: Path, target: Target, index: str | None, folder: Path, progress: Progress) -> list[Part]:
    wanted = wheels.pinned(root, target)
    progress.line(f"Python packages: {len(wanted)} wheels for {target}")
    parts = []
    for wheel in wanted:
        file = f"wheels/{wheel.file}"
        wheels.download(wheel, index, folder / file, progress)
        parts.append(Part("wheel", wheel.name, wheel.version, file, wheel.sha256))
    return parts


def _engine(target: Target, folder: Path, missing: list[Missing], progress: Progress) -> list[Part]:
    """The official release with its language hosts; where it cannot be had, this machine's own engine."""
    place = folder / "engine"
    try:
        archive = download_archive(place, progress, system=_SYSTEMS[target.system], machine=_release_machine(target))
        (place / "checksums.txt").unlink()
        return [_part("engine", "pulumi", VERSION, archive, folder)]
    except WayFailedError as reason:
        progress.line(f"Pulumi engine: official release passed over: {reason}")
        why = str(reason)
    if target.platform != this_machine().platform:
        missing.append(Missing("engine", "pulumi", VERSION, why))
        return []
    try:
        engine = find_engine(progress)
    except EngineUnavailableError as error:
        missing.append(Missing("engine", "pulumi", VERSION, str(error).replace("\n", " ")))
        return []
    version = ".".join(map(str, engine.version))
    real = engine.path.resolve()
    beside = [real.with_name(each) for each in _BESIDE if real.with_name(each).is_file()]
    if real.with_name(_LANGUAGE_HOST) not in beside:
        missing.append(Missing("language host", _LANGUAGE_HOST, version, f"not beside {engine.path}; {why}"))
    archive = place / f"pulumi-v{version}-{target.platform}.tar"
    with tarfile.open(archive, "w") as files:
        _add(files, "pulumi/pulumi", real, mode=0o755)
        for program in beside:
            _add(files, f"pulumi/{program.name}", program, mode=0o755)
    return [_part("engine", "pulumi", version, archive, folder)]


def _release_machine(target: Target) -> str:
    return "arm64" if target.platform == "darwin-aarch64" else target.machine


def _plugin(name: str, version: str, target: Target, folder: Path, progress: Progress) -> Path:
    """What is installed here if the target is like here, else what the servers have."""
    place = folder / "plugins"
    here = plugins.installed(name, version) if target.platform == this_machine().platform else None
    if here is None:
        return plugins.download(name, version, target, place, progress)
    archive = place / plugins.file_name(name, version, target).removesuffix(".gz")
    with tarfile.open(archive, "w") as files:
        for path in sorted(path for path in here.rglob("*") if path.is_file()):
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            _add(files, path.relative_to(here).as_posix(), path, mode=mode)
    return archive


def _part(kind: str, name: str, version: str, file: Path, folder: Path) -> Part:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Part(kind, name, version, file.relative_to(folder).as_posix(), digest)


def _write(manifest: Manifest, folder: Path, out: Path) -> None:
    with tarfile.open(out, "w") as files:
        text = manifest.text().encode()
        entry = tarfile.TarInfo(NAME)
        entry.size = len(text)
        files.addfile(entry, io.BytesIO(text))
        for part in manifest.parts:
            _add(files, part.file, folder / part.file)


def _add(files: tarfile.TarFile, name: str, path: Path, *, mode: int = 0o644) -> None:
    """Add a file with nothing of this machine: no owner, no time."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = path.stat().st_size, mode
    with path.open("rb") as content:
        files.addfile(entry, content)
