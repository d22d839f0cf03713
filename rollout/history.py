"""The images that a service had in a stack's file, and the one to go back to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from pydantic import ValidationError

from config import SettingsError
from config.files import parse_yaml
from config.image import Build, Image
from config.load import source_of
from improvements.improvement import Stack
from rollout.reference import registry_of
from rollout.revisions import History, Revision
from rollout.wanted import RolloutError, Wanted, repository_of

_SHORTEST_COMMIT = 7  # as git shortens them
_SHORTEST_DIGEST = len("sha256:") + 7


@dataclass(frozen=True)
class Past:
    """An image that a service had."""

    image: Image
    """What the file said."""
    repository: str
    """The registry's host and the repository in it, as the file said then."""
    revision: Revision
    """The commit that brought it, or at which it was asked for."""

    @property
    def names(self) -> tuple[str | None, str | None]:
        """What says which image it is: the digest, else the tag with its token."""
        return (self.image.digest, None) if self.image.digest else (self.image.tag, self.image.rollout)


def present(stack: Stack, service: str) -> Past:
    """The image that a service has in the file as it lies there, accepted or not."""
    image = _image(stack.source.values, service) or stack.settings.services[service].image
    return Past(image, "/".join(repository_of(stack, service)), Revision("", "", "", stack.source.file.name))


def pasts(history: History, service: str) -> Iterator[Past]:
    """The images that a service had, one after the other, the newest first; each with the commit that brought it.

    A commit whose file cannot be read, or does not say this image, is passed over.
    """
    every = (past for revision, text in history.texts() if (past := _past(revision, text, service)))
    last = None
    for past in every:
        if last is not None and past.names != last.names:
            yield last
        last = past
    if last is not None:
        yield last


def _past(revision: Revision, text: str, service: str) -> Past | None:
    try:
        values = source_of("", parse_yaml(revision.path, text)).values
    except SettingsError:
        return None
    image = _image(values, service)
    if image is None:
        return None
    registry = _mapping(values.get("registry")).get("repository")
    return Past(image, image.repository or f"{registry}/{service}", revision)


def _image(values: Mapping[str, object], service: str) -> Image | None:
    """The image that a stack file's values say of a service; None where they say none that can be read."""
    entry = _mapping(_mapping(values.get("services")).get(service))
    with suppress(ValidationError):
        image = Image.model_validate(_mapping(entry.get("image")))
        return image if image.tag or image.digest else None
    return None


def before(found: list[Past], now: Past, history: History, service: str) -> Past:
    """The image that a service had before the one that it has.

    Raises:
        RolloutError: there is none, or nobody can say which it was.
    """
    past = next((each for each in found if each.names != now.names), None)
    if past is None:
        raise RolloutError(f"{service} had no other image in the history of {now.revision.path}{_shallow(history)}")
    return past


def named(found: list[Past], to: str, history: History, service: str) -> Past:
    """The image that a digest, the commit in a tag, or a commit of the stack file's repository names.

    Raises:
        RolloutError: none, or several.
    """
    digests = [each for each in found if len(to) >= _SHORTEST_DIGEST and (each.image.digest or "").startswith(to)]
    matches = digests or [each for each in found if _is_of(each, to)]
    if len({each.names for each in matches}) > 1:
        listed = ", ".join(dict.fromkeys(each.image.reference("").lstrip(":") for each in matches))
        raise RolloutError(
            f"{to} names several images of {service}: {listed}; name one by its digest, or by git's commit"
        )
    if matches:
        return matches[0]
    at = None if to.startswith("sha256:") else history.at(to)
    past = _past(*at, service) if at else None
    if past is None:
        known = "that commit has no image of it" if at else "neither an image that it had nor a commit that git has"
        raise RolloutError(f"{to} names no image of {service}: {known}{_shallow(history)}")
    return past


def _is_of(past: Past, commit: str) -> bool:
    """Whether an image was built from a commit, of which at least seven digits are said."""
    build = Build.of(past.image.tag) if past.image.tag else None
    if build is None or len(commit) < _SHORTEST_COMMIT:
        return False
    return build.commit.startswith(commit) or commit.startswith(build.commit)


def restored(past: Past, now: Past, service: str) -> Wanted:
    """What goes back into the file.

    Raises:
        RolloutError: it was a moving tag, or an image of another repository.
    """
    when = f"in {past.revision.commit[:8]}"
    if past.image.moves:
        raise RolloutError(
            f"{service} had {past.image.tag} {when}: a moving tag, and nobody can say which image it was. "
            "Name another with --to, or put one in by `ackp set-image`"
        )
    if _place(past.repository) != _place(now.repository):
        raise RolloutError(
            f"{service} came from {past.repository} {when}, and comes from {now.repository} now; put both back by hand"
        )
    return Wanted(past.image.tag, past.image.digest)


def _place(repository: str) -> str:
    host, _, path = repository.partition("/")
    return f"{registry_of(host)}/{path}"


def _shallow(history: History) -> str:
    if not history.shallow:
        return ""
    first = history.revisions[-1]
    return (
        f". This clone is shallow and knows the file since {first.date[:10]} only: `git fetch --unshallow`, "
        "then run this again"
    )


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}
