"""One service of a stack as improvements see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from components.manifests.metadata import Manifest
from components.manifests.objects import objects_of
from config import StackSettings
from config.service import Service
from improvements.fragment import Field, fields_of

POD: Field = ("deployment", "spec", "template", "spec")
"""The specification of a service's pods."""


@dataclass(frozen=True)
class Subject:
    """A service, its entry in the stack file, and the objects that come of it."""

    settings: StackSettings
    """The stack."""
    name: str
    """The service."""
    own: Mapping[str, Any]
    """Its entry in the stack file."""
    under: Mapping[str, Any]
    """What holds where the entry says nothing: the stack's defaults and the catalogue."""
    told: Mapping[str, str]
    """What people told beside an improvement's name: the new image."""

    @property
    def service(self) -> Service:
        """Its settings."""
        return self.settings.services[self.name]

    @property
    def container_name(self) -> str:
        """The name of the application's container."""
        return self.settings.container(self.name)

    @cached_property
    def objects(self) -> Mapping[str, Manifest]:
        """Its objects by role, patched."""
        return objects_of(self.settings, self.name)

    @property
    def pod(self) -> Manifest:
        """The specification of its pods."""
        spec: Manifest = self.objects["deployment"]["spec"]["template"]["spec"]
        return spec

    @property
    def container(self) -> Manifest:
        """The application's container."""
        return next(each for each in self.pod["containers"] if each["name"] == self.container_name)

    @cached_property
    def patched(self) -> tuple[Field, ...]:
        """The fields of the entry's patch."""
        return tuple(fields_of(self.own.get("patch") or {}))

    @property
    def kubectl(self) -> str:
        """Begins a command that asks the service's Deployment."""
        return f"kubectl -n {self.settings.namespace}"

    @property
    def deployment(self) -> str:
        """The Deployment, for a command."""
        return f"deploy/{self.objects['deployment']['metadata']['name']}"

    def of_container(self, *path: str) -> Field:
        """A field of the application's container."""
        return (*POD, "containers", self.container_name, *path)

    def variable(self, name: str) -> str | None:
        """The plain value of a variable of the application's container."""
        return next((each.get("value") for each in self.container.get("env") or () if each["name"] == name), None)


def containers_of(pod: Manifest) -> Iterator[Manifest]:
    """All containers of a pod."""
    for kind in ("initContainers", "containers"):
        yield from pod.get(kind) or ()
