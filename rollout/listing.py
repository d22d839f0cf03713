"""The images that a stack's file says, with the build that each tag names, and what the registry has of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.image import Build, Image
from improvements.improvement import Stack
from rollout.choice import newest_tag
from rollout.wanted import Images, repository_of


@dataclass(frozen=True)
class InRegistry:
    """What the registry has of a service's image."""

    present: bool
    """Whether it has the image that pods pull."""
    tag_digest: str | None
    """The digest of the image that the tag names now; None without a tag, or where the registry has none."""
    newest: str | None
    """The tag of the newest build for the stack's profile."""


@dataclass(frozen=True)
class Listed:
    """A service's image."""

    service: str
    """The service."""
    repository: str
    """The registry's host and the repository in it."""
    image: Image
    """What the file says."""
    build: Build | None
    """The build that the tag names."""
    in_registry: InRegistry | None
    """What the registry has of it; None where it was not asked."""

    @property
    def notes(self) -> list[str]:
        """What the registry's answer means for people."""
        found = self.in_registry
        notes: list[str] = []
        if found is None:
            return notes
        if not found.present:
            notes.append("gone from the registry: a new node cannot pull it")
        elif self.image.digest and found.tag_digest and found.tag_digest != self.image.digest:
            notes.append("the tag names another image now")
        if found.newest is not None and found.newest == self.image.tag:
            notes.append("the newest build")
        elif found.newest is not None and self._is_later(found.newest):
            notes.append(f"newer: {found.newest}")
        return notes

    def _is_later(self, tag: str) -> bool:
        build = Build.of(tag)
        return self.build is None or (build is not None and build.moment > self.build.moment)


def listed(stack: Stack, registry: Callable[[str], Images] | None = None) -> list[Listed]:
    """The images of a stack's services, by name.

    Args:
        stack: the stack.
        registry: the registry of a host; not asked if left out.

    Raises:
        RegistryError: a registry cannot be asked.
    """
    rows = []
    for name, service in sorted(stack.settings.services.items()):
        host, repository = repository_of(stack, name)
        image = service.image
        build = Build.of(image.tag) if image.tag else None
        asked = registry and _asked(image, repository, registry(host), stack.settings.image_profile)
        rows.append(Listed(name, f"{host}/{repository}", image, build, asked or None))
    return rows


def _asked(image: Image, repository: str, images: Images, profile: str) -> InRegistry:
    by_tag = images.digest(repository, image.tag) if image.tag else None
    same = image.digest is None or image.digest == by_tag
    present = by_tag if same else images.digest(repository, str(image.digest))
    return InRegistry(present is not None, by_tag, newest_tag(images.tags(repository), profile))


def age(build: Build | None, now: datetime) -> str:
    """How old a build is, in the greatest unit that it fills: ``12 min``, ``5 h``, ``17 d``; empty if not known.

    Args:
        build: the build.
        now: the moment that it is counted from, with its time zone.
    """
    built = build.time if build else None
    if built is None:
        return ""
    old = max(now - built, timedelta())  # a timestamp in local time may lie hours ahead
    hours = int(old.total_seconds()) // 3600
    return f"{old.days} d" if old.days else f"{hours} h" if hours else f"{int(old.total_seconds()) // 60} min"
