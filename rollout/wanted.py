"""The image that a service is to run, and who knows which images there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from config.errors import did_you_mean
from improvements.improvement import Stack


class RolloutError(ValueError):
    """A service cannot be given what was asked for; the text says why and what to do. Nothing was written."""


class Images(Protocol):
    """Who knows the images of a stack's registry."""

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository; none where there is no such repository."""

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest of the image that a tag or digest names; None where there is none."""


@dataclass(frozen=True)
class Wanted:
    """The image that a service is to run."""

    tag: str | None
    """Its tag; beside a digest it is for people."""
    digest: str | None
    """Its digest; None where only the tag says which image it is."""


def repository_of(stack: Stack, service: str) -> tuple[str, str]:
    """The registry's host and the repository in it, where a stack takes a service's image from."""
    return stack.settings.repository(service)


def refuse_unknown(service: str, *stacks: Stack) -> None:
    """Refuse a service that one of the stacks does not run.

    Raises:
        RolloutError: it names the nearest one.
    """
    for stack in stacks:
        if service not in stack.settings.services:
            near = did_you_mean(service, stack.settings.services)
            raise RolloutError(f"{service} is no service of {stack.source.file.name}; {near}")
