"""An image as ``docker push`` and pods name it: registry, repository, tag, digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from improvements.improvement import Stack
from rollout.wanted import RolloutError, repository_of

_REFERENCE = re.compile(
    r"(?P<host>[^/@\s]+)/(?P<repository>[^:@\s]+)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_NETWORKS = ("-vpc", "-internal")


@dataclass(frozen=True)
class Reference:
    """An image's name."""

    host: str
    """The registry's host, with its port if it has one."""
    repository: str
    """The repository in it."""
    tag: str | None
    """The tag."""
    digest: str | None
    """The digest."""


def reference_of(stack: Stack, service: str, name: str) -> Reference:
    """The image that a name says, which must be one of a service's repository.

    Raises:
        RolloutError: it is no image's name, or one of another repository.
    """
    match = _REFERENCE.fullmatch(name)
    found = Reference(**match.groupdict()) if match else None
    host, repository = repository_of(stack, service)
    if found is None or not (found.tag or found.digest):
        raise RolloutError(
            f"{name} is no image with a tag or digest; for example {host}/{repository}:TAG, or --tag TAG"
        )
    if found.repository != repository or registry_of(found.host) != registry_of(host):
        raise RolloutError(
            f"{name} is none of {host}/{repository}, where {stack.source.file.name} takes {service} from. If that is "
            f"to change: registry.repository, or services.{service}.image.repository there"
        )
    return found


def registry_of(host: str) -> str:
    """A registry's host by its public name: an ACR has one for VPCs and one for the classic network too."""
    first, dot, rest = host.partition(".")
    if rest.endswith("aliyuncs.com"):
        for network in _NETWORKS:
            first = first.removesuffix(network)
    return f"{first}{dot}{rest}"
