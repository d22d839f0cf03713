"""The wheels that `uv.lock` pins for a machine, and downloading them from PyPI or the configured index."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from bundle.manifest import Target
from sandbox.download import fetch
from sandbox.network import WayFailedError, host_of
from sandbox.progress import Progress

MIRRORS = "UV_DEFAULT_INDEX or PIP_INDEX_URL"
"""The variables for another index, for reports."""

_GLIBC = (*range(17, 4, -1), *range(18, 29))  # what runs on the oldest first: CentOS 7 has 2.17, RHEL 8 has 2.28
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_MACOS = (14, 0)


@dataclass(frozen=True, order=True)
class Wheel:
    """A wheel that is pinned.

    Attributes:
        name: The package.
        version: Its version.
        url: Where `uv.lock` says it is.
        sha256: Its SHA-256, in hexadecimal.
    """

    name: str
    version: str
    url: str
    sha256: str

    @property
    def file(self) -> str:
        """The file's name."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2])


def pinned(root: Path, target: Target) -> list[Wheel]:
    """The wheels of everything that `uv sync` would install on a machine, sorted.

    Raises:
        WayFailedError: A package has no wheel for it.
    """
    packages = _packages(root, target)
    tags = {tag: rank for rank, tag in enumerate(_tags(target))}
    return sorted(_best(package, tags, target) for package in packages if "registry" in package["source"])


def versions(root: Path, target: Target) -> dict[str, str]:
    """Names and versions of everything that `uv sync` would install, but for this project itself."""
    return {each["name"]: each["version"] for each in _packages(root, target) if "registry" in each["source"]}


def download(wheel: Wheel, index: str | None, target: Path, progress: Progress) -> None:
    """Download a wheel and verify it.

    Args:
        wheel: Which one.
        index: The address of an index to take it from; None: where `uv.lock` says.
        target: The file to write.
        progress: Told how far the download is.

    Raises:
        WayFailedError: It cannot be had, or is another one than `uv.lock` pins.
    """
    url = wheel.url if index is None else _address(wheel, index, target.with_suffix(".html"), progress)
    actual = fetch(url, target, progress, name=wheel.name, mirrors=MIRRORS)
    if actual != wheel.sha256:
        raise WayFailedError(f"{host_of(url)}: {wheel.file} has SHA-256 {actual}, uv.lock says {wheel.sha256}")


def _packages(root: Path, target: Target) -> list[dict[str, Any]]:
    """The packages of the lock file that are reached from the project and its development group."""
    lock = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))
    by_name: dict[str, list[dict[str, Any]]] = {}
    for package in lock["package"]:
        by_name.setdefault(package["name"], []).append(package)
    [project] = [each for each in lock["package"] if each["source"].get("editable") == "."]
    reached = {(project["name"], project["version"]): project}
    waiting = [*project.get("dependencies", ()), *project.get("dev-dependencies", {}).get("dev", ())]
    while waiting:
        wanted = waiting.pop()
        if not _applies(wanted.get("marker"), target):
            continue
        for package in by_name[wanted["name"]]:
            if wanted.get("version", package["version"]) != package["version"]:
                continue
            extras = [each for extra in wanted.get("extra", ()) for each in package["optional-dependencies"][extra]]
            if (package["name"], package["version"]) not in reached:
                reached[package["name"], package["version"]] = package
                waiting += package.get("dependencies", ())
            waiting += extras
    return [package for _, package in sorted(reached.items())]


def _applies(marker: str | None, target: Target) -> bool:
    """Whether a marker holds for any patch version of the target's Python."""
    if marker is None:
        return True
    return any(Marker(marker).evaluate(_environment(target, patch)) for patch in (0, 99))


def _environment(target: Target, patch: int) -> Mapping[str, str]:
    """What markers ask. Source: https://packaging.python.org/en/latest/specifications/dependency-specifiers/."""
    full = f"{target.python}.{patch}"
    machine = "arm64" if target.platform == "darwin-aarch64" else target.machine
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": target.system.capitalize(),
        "platform_version": "",
        "python_full_version": full,
        "python_version": target.python,
        "sys_platform": target.system,
    }


def _tags(target: Target) -> Iterator[Tag]:
    """What the target can install, best first."""
    major, minor = map(int, target.python.split("."))
    platforms = list(_platforms(target))
    yield from cpython_tags((major, minor), [f"cp{major}{minor}"], platforms)
    yield from compatible_tags((major, minor), f"cp{major}{minor}", platforms)


def _platforms(target: Target) -> Iterator[str]:
    if target.system == "darwin":
        yield from mac_platforms(_MACOS, "arm64" if target.machine == "aarch64" else target.machine)
        return
    for minor in _GLIBC:
        yield f"manylinux_2_{minor}_{target.machine}"
        if minor in _OLD_NAMES:
            yield f"{_OLD_NAMES[minor]}_{target.machine}"
    yield f"linux_{target.machine}"


def _best(package: Mapping[str, Any], tags: Mapping[Tag, int], target: Target) -> Wheel:
    found = []
    for wheel in package.get("wheels", ()):
        entry = Wheel(package["name"], package["version"], wheel["url"], wheel["hash"].removeprefix("sha256:"))
        ranks = [tags[tag] for tag in parse_wheel_filename(entry.file)[3] if tag in tags]
        found += [(min(ranks), entry)] if ranks else []
    if not found:
        raise WayFailedError(f"{package['name']} {package['version']} has no wheel for {target}")
    return min(found)[1]


def _address(wheel: Wheel, index: str, page: Path, progress: Progress) -> str:
    """Where an index has a wheel. Source: https://packaging.python.org/en/latest/specifications/simple-repository-api/."""
    url = f"{index.rstrip('/')}/{wheel.name}/"
    fetch(url, page, progress, name=wheel.name, mirrors=MIRRORS)
    links = _Links()
    links.feed(page.read_text(encoding="utf-8", errors="replace"))
    page.unlink()
    for link in links.found:
        address = urljoin(url, link).partition("#")[0]
        if unquote(urlsplit(address).path.rpartition("/")[2]) == wheel.file:
            return address
    raise WayFailedError(f"{host_of(index)} does not have {wheel.file}")


class _Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]
