"""A service's image on its way from one stack to another: which one it is there, and the stack file with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from config import SettingsError
from config.errors import did_you_mean
from config.files import YamlFile, parse_yaml
from config.image import Build, Image
from config.load import source_of
from improvements.edit import Edit, changed
from improvements.improvement import Stack
from improvements.stack_file import StackFileError, edited
from parity.image_text import with_image
from parity.images import own_build


class PromotionError(ValueError):
    """A service cannot be promoted; the text says why and what to do. Nothing was written."""


class Images(Protocol):
    """Who knows the images of the target's registry."""

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository; none where there is no such repository."""

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest of the image that a tag or digest names; None where there is none."""


@dataclass(frozen=True)
class Wanted:
    """The image that a service is to run in the target."""

    tag: str | None
    """Its tag; beside the digest it is for people."""
    digest: str
    """Its digest."""


def repository_of(stack: Stack, service: str) -> tuple[str, str]:
    """The registry's host and the repository in it, where a stack takes a service's image from."""
    settings = stack.settings
    name = settings.services[service].image.repository or f"{settings.registry.repository}/{service}"
    host, _, path = name.partition("/")
    return host, path


def refuse_unknown(service: str, *stacks: Stack) -> None:
    """Refuse a service that one of the stacks does not run.

    Raises:
        PromotionError: it names the nearest one.
    """
    for stack in stacks:
        if service not in stack.settings.services:
            near = did_you_mean(service, stack.settings.services)
            raise PromotionError(f"{service} is no service of {stack.source.file.name}; {near}")


def wanted_image(source: Stack, target: Stack, service: str, images: Images, given: str | None = None) -> Wanted:
    """The image that the target is to run: the source's own, or the target's build of the same version and commit.

    Args:
        source: the stack whose image it is.
        target: the stack that is to run it.
        service: the service; both run it.
        images: the target's registry; not asked where `given` says the digest.
        given: the digest, where somebody knows it already.

    Raises:
        PromotionError: nobody can say which image it is, or the target's registry does not have it.
    """
    build = own_build(source.settings, service)
    if build is not None and source.settings.image_profile != target.settings.image_profile:
        return _built_for(target, service, build, images, given)
    return _copied(source, target, service, images, given)


def _built_for(target: Stack, service: str, build: Build, images: Images, given: str | None) -> Wanted:
    """The target profile's build of the same version and commit, the newest where there are several."""
    if given is not None:
        return Wanted(None, given)
    host, repository = repository_of(target, service)
    profile = target.settings.image_profile
    builds = {tag: found for tag in images.tags(repository) if (found := Build.of(tag))}
    same = [tag for tag, found in builds.items() if found.profile == profile and found.same_commit(build)]
    if not same:
        missing = f"{profile}-{build.version}-{build.commit}-…"
        raise PromotionError(
            f"{host}/{repository} has no image {missing}: commit {build.commit} was not built for the profile "
            f"{profile} yet. Build it with PROFILE={profile}, then run this again"
        )
    tag = max(same, key=lambda each: (builds[each].moment, each))
    digest = images.digest(repository, tag)
    if digest is None:
        raise PromotionError(f"{host}/{repository} lists the tag {tag} and has no image for it; push it again")
    return Wanted(tag, digest)


def _copied(source: Stack, target: Stack, service: str, images: Images, given: str | None) -> Wanted:
    """The source's own image, which the target's registry must have too."""
    image: Image = source.settings.services[service].image
    digest = image.digest or given
    if digest is None:
        raise PromotionError(
            f"{service} has no digest in {source.source.file.name} (its image is {image.tag}), so nobody can say which "
            "image was tried there. Pin it there first, or give --digest sha256:…"
        )
    if given is not None and given != digest:
        raise PromotionError(f"{service} runs {digest} in {source.source.file.name}, not {given}")
    host, repository = repository_of(target, service)
    if given is None and images.digest(repository, digest) is None:
        raise PromotionError(f"{host}/{repository} does not have {digest}; push the image there, then run this again")
    return Wanted(image.tag, digest)


def promoted(text: str, target: Stack, service: str, wanted: Wanted) -> str:
    """The text of the target's stack file with the image in it; what it says beside that stays as it is.

    Args:
        text: the file's text.
        target: the same, read and accepted.
        service: the service.
        wanted: the image.

    Raises:
        PromotionError: the file cannot be edited in place.
        SettingsError: `ackp check` would refuse the edited file.
    """
    stated = {"digest": wanted.digest, "tag": wanted.tag, "rollout": None}
    subject = target.subject(service)
    in_place = Edit({("image", key): value for key, value in stated.items()})
    whole = Edit({("image",): _whole(target, service, stated)})
    for after, edit in (
        (with_image(text, service, wanted.tag, wanted.digest), in_place),
        (_edited(text, target.source.file, target, service, in_place), in_place),
        (_edited(text, replace(target.source.file, lines={}), target, service, whole), whole),
    ):
        file = None if after is None else _parsed(target, after)
        entry = changed(subject.own, subject.under, edit)
        # Whatever a form changes of other services, through an alias or an anchor, it is not taken.
        if after and file and file.values == _with_entry(target.source.file.values, service, entry):
            Stack.load(source_of(target.source.stack, file), target.catalogue)
            return after
    raise PromotionError(f"{target.source.file.name}: the image of {service} cannot be edited in place")


def _edited(text: str, file: YamlFile, target: Stack, service: str, edit: Edit) -> str | None:
    """The text after an edit of the service's lines; of the whole file, where `file` does not say which they are."""
    try:
        return edited(text, file, service, target.subject(service).under, edit)
    except StackFileError:
        return None


def _parsed(target: Stack, text: str) -> YamlFile | None:
    try:
        return parse_yaml(target.source.file.name, text)
    except SettingsError:
        return None


def _whole(target: Stack, service: str, image: Mapping[str, str | None]) -> dict[str, str]:
    repository = target.settings.services[service].image.repository
    return {key: value for key, value in {"repository": repository, **image}.items() if value is not None}


def _with_entry(values: Mapping[str, object], service: str, entry: object) -> Mapping[str, object]:
    """A stack file's values with another entry for a service."""
    services = _mapping(_mapping(values["config"])["ack-platform:services"])
    config = {**_mapping(values["config"]), "ack-platform:services": {**services, service: entry}}
    return {**values, "config": config}


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}
