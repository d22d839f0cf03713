"""Which image a tag names, and which build is the newest: the registry knows."""

from __future__ import annotations

from pydantic import ValidationError

from config.errors import nearest
from config.image import Build, Image
from improvements.improvement import Stack
from rollout.wanted import Images, RolloutError, Wanted, repository_of


def tagged(stack: Stack, service: str, tag: str, images: Images) -> Wanted:
    """The image that a tag names at this moment, pinned by its digest.

    Args:
        stack: the stack that is to run it.
        service: the service.
        tag: the tag.
        images: the stack's registry.

    Raises:
        RolloutError: the registry has no such image, or it was built for another profile.
        RegistryError: the registry cannot be asked.
    """
    refuse_other_profile(stack, tag)
    host, repository = repository_of(stack, service)
    digest = images.digest(repository, tag)
    if digest is None:
        known = images.tags(repository)
        near = nearest(tag, known)
        mend = f'did you mean "{near}"?' if near else "push it first" if known else "there is no such repository"
        raise RolloutError(f"{host}/{repository} has no image {tag}; {mend}")
    return Wanted(tag, digest)


def newest(stack: Stack, service: str, images: Images) -> Wanted:
    """The newest build of a service for the stack's profile, by the timestamp in its tag.

    Args:
        stack: the stack that is to run it.
        service: the service.
        images: the stack's registry.

    Raises:
        RolloutError: there is none, or the stack file has a later one already.
        RegistryError: the registry cannot be asked.
    """
    host, repository = repository_of(stack, service)
    profile = stack.settings.image_profile
    tags = images.tags(repository)
    builds = {tag: build for tag in tags if (build := Build.of(tag))}
    tag = newest_tag(tags, profile)
    if tag is None:
        others = ", ".join(sorted({build.profile for build in builds.values()}))
        known = f"builds for {others} only" if others else f"{len(tags)} tags, none of this form" if tags else "no tags"
        form = f"{profile}-{{pom version}}-{{commit}}-{{timestamp}}"
        raise RolloutError(f"{host}/{repository} has no image {form}: {known}")
    present = stack.settings.services[service].image.tag
    running = Build.of(present) if present else None
    if running and running.profile == profile and running.moment > builds[tag].moment:
        raise RolloutError(
            f"{stack.source.file.name} has {present}, which is later than {tag}, the newest in {host}/{repository}; "
            f"to go back to it, --tag {tag}"
        )
    return tagged(stack, service, tag, images)


def newest_tag(tags: list[str], profile: str) -> str | None:
    """The tag of the newest build for a profile; None without one."""
    builds = {tag: build for tag in tags if (build := Build.of(tag)) and build.profile == profile}
    return max(builds, key=lambda each: (builds[each].moment, each), default=None)


def refuse_other_profile(stack: Stack, tag: str) -> None:
    """Refuse what is no tag, or the tag of an image that was built for another environment.

    Raises:
        RolloutError: it is.
    """
    try:
        profile = Image.model_validate({"tag": tag}).profile
    except ValidationError as error:
        raise RolloutError(f"the tag {tag!r} {error.errors(include_url=False)[0]['msg']}") from None
    wanted = stack.settings.image_profile
    if profile not in (None, wanted):
        raise RolloutError(
            f"{tag} was built for the profile {profile}, and {stack.source.file.name} runs images of {wanted} "
            f"(environment.imageProfile). Build it with PROFILE={wanted}"
        )
