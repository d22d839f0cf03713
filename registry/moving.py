"""Moving tags: which image each names now, asked of its registry, so that a preview shows what would run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from config import StackSettings
from registry.credentials import Login
from registry.problem import RegistryError
from registry.registry import Registry

_AT_ONCE = 8


@dataclass(frozen=True)
class Resolution:
    """The settings of a stack with a digest beside each moving tag, where its registry says one."""

    settings: StackSettings
    """With the digests."""
    unresolved: dict[str, str]
    """Why a service's tag names no image that is known, by service."""


def moving(settings: StackSettings) -> tuple[str, ...]:
    """The services whose tag is to be resolved."""
    return tuple(name for name, each in settings.services.items() if each.image.is_resolved)


def resolve(settings: StackSettings, pull: Login) -> Resolution:
    """Ask the registries for the digest of each moving tag.

    Docker's login is used where there is one, else the pull Secret's: who runs this may read more than the nodes.

    Args:
        settings: the stack's.
        pull: the login of the pull Secret.
    """
    names = moving(settings)
    registries: dict[str, Registry] = {}
    for name in names:
        host, _ = settings.repository(name)
        if host not in registries:
            login = pull if host == settings.registry.server else None
            registries[host] = Registry(settings.registry.reached_at(host), host, login)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = dict(zip(names, pool.map(lambda name: _digest(settings, name, registries), names), strict=True))
    services = dict(settings.services)
    for name, (digest, _) in answers.items():
        image = services[name].image
        services[name] = services[name].model_copy(update={"image": image.model_copy(update={"digest": digest})})
    unresolved = {name: reason for name, (digest, reason) in answers.items() if digest is None}
    return Resolution(settings.model_copy(update={"services": services}), unresolved)


def _digest(settings: StackSettings, name: str, registries: dict[str, Registry]) -> tuple[str | None, str]:
    host, repository = settings.repository(name)
    tag = str(settings.services[name].image.tag)
    try:
        digest = registries[host].digest(repository, tag)
    except RegistryError as error:
        return None, str(error)
    return digest, "" if digest else f"{host} has no {repository}:{tag}"
