"""The container registry (ACR) that services' images come from."""

from config.model import Model
from config.scalars import ImageRepository, PlainText


class Registry(Model):
    """ACR, personal or enterprise edition; prefer its VPC address."""

    repository: ImageRepository
    """Server and namespace; a service's image is ``{repository}/{service}`` unless it names its own."""
    username: PlainText | None = None
    """The user of the pull Secret; the password is the stack secret ``registryPassword``."""

    @property
    def server(self) -> str:
        """The host part: what the pull Secret is for."""
        return self.repository.split("/", 1)[0]
