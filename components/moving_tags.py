"""Moving tags while the program runs: resolved before anything is built from the settings."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from config import StackSettings
from config.stack import GENERATED_PREFIX, PROJECT

_IMAGE_FIELDS = ("image", "imagePullPolicy")
_LISTS = ("containers", "initContainers")


def resolve_moving_tags(settings: StackSettings) -> tuple[StackSettings, Mapping[str, str]]:
    """Pin each moving tag to the digest that it names now.

    Returns:
        The settings with the digests, and why a tag could not be resolved, by service.
    """
    if not any(each.image.is_resolved for each in settings.services.values()):
        return settings, {}
    from registry.credentials import Login  # noqa: PLC0415 - a stack without moving tags needs no HTTP
    from registry.moving import moving, resolve  # noqa: PLC0415 - a stack without moving tags needs no HTTP

    names = moving(settings)
    pulumi.log.info(f"asking the registry which images {', '.join(names)} have now", ephemeral=True)
    found = resolve(settings, Login(_basic(settings), "the pull Secret"))
    new = ", and a new one runs the tag" if settings.registry.unresolved_tags == "accept" else ""
    for name, reason in found.unresolved.items():
        tag = settings.services[name].image.tag
        pulumi.log.warn(
            f"{name}: nobody can say which image {tag} is now; a running service keeps its own{new}. {reason}"
        )
    return found.settings, found.unresolved


def keeping_image(name: str, reason: str, settings: StackSettings) -> pulumi.ResourceOptions:
    """Options of a Deployment whose tag could not be resolved: it keeps its images, and a new one is refused.

    Args:
        name: the service.
        reason: why.
        settings: the stack's.
    """
    tag, file = settings.services[name].image.tag, f"Pulumi.{settings.stack}.yaml"

    def refuse(_: pulumi.ResourceHookArgs) -> None:
        raise ValueError(
            f"{name} is new, and nobody can say which image {tag} is: {reason}. "
            f"Name a digest (services.{name}.image.digest in {file}; `ackp set-image {name} --help`), mend the way to "
            "the registry (registry.address), or set registry.unresolvedTags: accept"
        )

    kept = [f"spec.template.spec.{each}[*].{field}" for each in _LISTS for field in _IMAGE_FIELDS]
    if settings.registry.unresolved_tags == "accept":
        return pulumi.ResourceOptions(ignore_changes=kept)
    hook = pulumi.ResourceHook(f"{name}-image", refuse, pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceOptions(ignore_changes=kept, hooks=pulumi.ResourceHookBinding(before_create=[hook]))


def _basic(settings: StackSettings) -> str | None:
    """The pull Secret's login; None without one. It leaves the process in a request to the registry only."""
    everything: Mapping[str, str] = {**get_config_env(), **CONFIG.get()}
    password, user = everything.get(f"{PROJECT}:registryPassword"), settings.registry.username
    if password and password.startswith(GENERATED_PREFIX):
        return None
    return base64.b64encode(f"{user}:{password}".encode()).decode() if user and password else None
