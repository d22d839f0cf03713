"""A service's image on its way from one stack to another: which one it is there."""

from __future__ import annotations

from config.image import Build, Image
from improvements.improvement import Stack
from parity.images import own_build
from rollout.wanted import Images, RolloutError, Wanted, repository_of


def wanted_image(source: Stack, target: Stack, service: str, images: Images, given: str | None = None) -> Wanted:
    """The image that the target is to run: the source's own, or the target's build of the same version and commit.

    Args:
        source: the stack whose image it is.
        target: the stack that is to run it.
        service: the service; both run it.
        images: the target's registry; not asked where `given` says the digest.
        given: the digest, where somebody knows it already.

    Raises:
        RolloutError: nobody can say which image it is, or the target's registry does not have it.
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
        raise RolloutError(
            f"{host}/{repository} has no image {missing}: commit {build.commit} was not built for the profile "
            f"{profile} yet. Build it with PROFILE={profile}, then run this again"
        )
    tag = max(same, key=lambda each: (builds[each].moment, each))
    digest = images.digest(repository, tag)
    if digest is None:
        raise RolloutError(f"{host}/{repository} lists the tag {tag} and has no image for it; push it again")
    return Wanted(tag, digest)


def _copied(source: Stack, target: Stack, service: str, images: Images, given: str | None) -> Wanted:
    """The source's own image, which the target's registry must have too."""
    image: Image = source.settings.services[service].image
    digest = image.digest or given
    if digest is None:
        raise RolloutError(
            f"{service} has no digest in {source.source.file.name} (its image is {image.tag}), so nobody can say which "
            "image was tried there. Pin it there first, or give --digest sha256:…"
        )
    if given is not None and given != digest:
        raise RolloutError(f"{service} runs {digest} in {source.source.file.name}, not {given}")
    host, repository = repository_of(target, service)
    if given is None and images.digest(repository, digest) is None:
        raise RolloutError(f"{host}/{repository} does not have {digest}; push the image there, then run this again")
    return Wanted(image.tag, digest)
