"""The container registry (ACR) that services' images come from."""

from typing import Literal

from config.model import Model
from config.scalars import ImageRepository, PlainText, RegistryAddress


class Registry(Model):
    """ACR, personal or enterprise edition; prefer its VPC address."""

    repository: ImageRepository
    """Server and namespace; a service's image is ``{repository}/{service}`` unless it names its own."""
    username: PlainText | None = None
    """The user of the pull Secret; the password is the stack secret ``registryPassword``."""

    address: RegistryAddress | None = None
    """Where the program and its commands ask the registry, where ``repository`` is reached from inside the VPC only:
    its public host."""
    unresolved_tags: Literal["refuse", "accept"] = "refuse"
    """A new service whose moving tag cannot be resolved: ``accept`` creates it with the tag alone. One that runs keeps
    its image with either."""

    @property
    def server(self) -> str:
        """The host part: what the pull Secret is for."""
        return self.repository.split("/", 1)[0]

    def reached_at(self, host: str) -> str:
        """The address at which a registry that images name ``host`` is asked."""
        return (self.address if host == self.server else None) or host
