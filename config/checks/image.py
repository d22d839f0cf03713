"""Which image runs, and whether a change of it is seen."""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every image that names nothing, that moves unseen, or that was built for another environment."""
    for name, service in settings.services.items():
        path, image, profile = f"services.{name}.image", service.image, settings.image_profile
        example = f"{profile}-1.4.2-3f2a9c1b-20260901T101500"
        if image.tag is None and image.digest is None:
            yield Problem(path, "must have a tag or a digest", f"tag: {example}, or digest: sha256:…")
        if image.rollout is not None and not image.moves:
            rule = "must stand only beside a moving tag: a digest or a unique tag rolls the pods by itself"
            yield Problem(f"{path}.rollout", rule, "remove it", image.rollout)
        if image.profile is not None and image.profile != profile:
            rule = f'must be an image of the profile "{profile}" (environment.imageProfile)'
            yield Problem(f"{path}.tag", rule, f"for example {example}", image.tag)
        if image.moves and service.image_pull_policy not in (None, "Always"):
            rule = "must be Always with a moving tag: a node keeps what it has under that name"
            yield Problem(f"services.{name}.imagePullPolicy", rule, "Always", service.image_pull_policy)
        elif service.image_pull_policy == "Never":
            rule = "must not be Never: ACK's nodes have no images but those they pulled"
            yield Problem(f"services.{name}.imagePullPolicy", rule, "IfNotPresent", service.image_pull_policy)
