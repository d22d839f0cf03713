"""The images of a service in two stacks: whether they are of one version."""

from __future__ import annotations

from dataclasses import dataclass

from config import StackSettings
from config.image import Build, Image
from parity.environment import Environment

DIGITS = len("sha256:") + 12
"""How much of a digest is shown."""
_MOVING = "a moving tag: nobody can say whether the versions are the same"


@dataclass(frozen=True)
class ImageDifference:
    """How the images of a service differ in two stacks."""

    values: tuple[object, object]
    """What each stack has, as people read it."""
    expected: str
    """Why environments differ in it; empty where they should not."""
    note: str
    """What is known of the versions."""


def image_difference(left: StackSettings, right: StackSettings, service: str) -> ImageDifference | None:
    """How the images of a service differ; None if they are stated alike."""
    one, other = left.services[service].image, right.services[service].image
    if one == other:
        return None
    expected = note = ""
    builds = own_build(left, service), own_build(right, service)
    if Environment.of(left).neutral(one.repository) != Environment.of(right).neutral(other.repository):
        note = "another repository"
    elif builds[0] and builds[1]:
        note = _unlike_builds(builds[0], builds[1])
        expected = "" if note else "one version and commit, built for each profile"
    elif one.digest and one.digest == other.digest:
        expected = "the digest decides, and it is the same"
    else:
        note = _unlike(left, right, service)
    return ImageDifference((shown(one), shown(other)), expected, note)


def same_image(left: StackSettings, right: StackSettings, service: str) -> tuple[bool, str]:
    """Whether a service runs one version in two stacks, and if not, what is known of that."""
    if service not in right.services:
        return False, f"not in {right.stack}"
    difference = image_difference(left, right, service)
    if difference is None:
        moves = left.services[service].image.moves
        return not moves, _MOVING if moves else ""
    return bool(difference.expected), difference.note


def own_build(settings: StackSettings, service: str) -> Build | None:
    """The build that a service's tag names, where it was built for the profile of the stack."""
    tag = settings.services[service].image.tag
    build = Build.of(tag) if tag else None
    return build if build and build.profile == settings.image_profile else None


def shown(image: Image) -> str:
    """An image as people read it: the tag, and the beginning of the digest."""
    digest = f"@{image.digest[:DIGITS]}…" if image.digest else ""
    return f"{image.tag or ''}{digest}"


def _unlike_builds(one: Build, other: Build) -> str:
    """In what two builds differ beside their profiles; empty if in nothing."""
    if one.version != other.version:
        return f"another version: {one.version} and {other.version}"
    if not one.same_commit(other):
        return f"another commit of {one.version}: {one.commit} and {other.commit}"
    return ""


def _unlike(left: StackSettings, right: StackSettings, service: str) -> str:
    """Why two images that are not both built for their stack's profile do not count as one."""
    one, other = left.services[service].image, right.services[service].image
    built = [bool(own_build(stack, service)) for stack in (left, right)]
    if built[0] != built[1]:
        stack = (left if built[0] else right).stack
        return f"in {stack} it is built for the profile, in the other stack it is not"
    if one.moves or other.moves:
        return _MOVING
    if one.tag == other.tag and not (one.digest and other.digest):
        stack = (right if one.digest else left).stack
        return f"in {stack} no digest says that the tag still names the same image"
    return "another image"
