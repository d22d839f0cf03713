"""The names that a service's objects refer to: opaque, so that who refers comes after what it refers to."""

from dataclasses import dataclass

from components.manifests.metadata import Opaque


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Names of objects outside the service."""

    namespace: Opaque
    """The environment's namespace."""
    claim: Opaque
    """The PersistentVolumeClaim."""
    ingress_class: Opaque
    """The IngressClass."""
    pull_secret: Opaque = None
    """The image pull Secret; None where there is none."""
    nacos_secret: Opaque = None
    """The Secret with the Nacos credentials; None where Nacos wants none."""


@dataclass(frozen=True, kw_only=True)
class Siblings:
    """Names of objects of the same service."""

    service_account: Opaque
    """The ServiceAccount."""
    config_files: Opaque = None
    """The ConfigMap of ``configFiles``."""
    registration: Opaque = None
    """The ConfigMap of the registration script."""
