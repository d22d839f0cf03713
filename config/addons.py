"""The cluster's add-ons that the platform needs: owned by one stack of the cluster, given to the others."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import AddonVersion, DnsLabel, PlainText


class OwnedAlbIngressController(Model):
    """Installed by this stack as ``alicloud.cs.KubernetesAddon``; an installed one is adopted."""

    ownership: Literal["owned"]
    version: AddonVersion | None = None
    """The add-on's version; unset installs the default and never upgrades."""


class GivenAddon(Model):
    """Installed already; checked at preview, never changed."""

    ownership: Literal["given"]


class Chart(Model):
    """Where a Helm chart comes from: a repository, an OCI registry, or a directory."""

    source: Literal["repository", "oci", "path"]
    location: PlainText
    """The repository's URL, the ``oci://…`` reference, or the chart's directory."""
    name: DnsLabel = "ack-extend-network-controller"
    """The chart's name in a repository; not used for ``oci`` and ``path``."""
    version: AddonVersion | None = None
    """The chart's version; required unless the source is a path."""


class OwnedExtendNetworkController(Model):
    """Installed by this stack as a Helm release.

    Source: https://www.alibabacloud.com/help/en/ack/product-overview/ack-extend-network-controller
    """

    ownership: Literal["owned"]
    chart: Chart
    """The chart of ack-extend-network-controller."""
    namespace: DnsLabel = "kube-system"
    """The namespace of the release."""


class Addons(Model):
    """ALB Ingress Controller and ack-extend-network-controller (组件管理)."""

    alb_ingress_controller: Annotated[OwnedAlbIngressController | GivenAddon, Field(discriminator="ownership")]
    """The controller that makes an ALB serve Ingresses."""
    extend_network_controller: (
        Annotated[OwnedExtendNetworkController | GivenAddon, Field(discriminator="ownership")] | None
    ) = None
    """The controller that gives pods an EIP; left out where no service needs one."""
