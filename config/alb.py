"""The Application Load Balancer in its three shapes: owned, given by id, given by ingress class."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import (
    AlbId,
    BandwidthPackageId,
    CertificateId,
    Host,
    ListenerKey,
    LiveName,
    LogProjectName,
    LogStoreName,
    ObjectName,
    PlainText,
    Port,
    VSwitchId,
)

Protocol = Literal["HTTP", "HTTPS", "QUIC"]


class Listener(Model):
    """One port of the ALB. Every listener is declared: the AlbConfig's list is replaced as a whole."""

    port: Port
    """The port, unique with its protocol."""
    protocol: Protocol
    """The protocol spoken by clients."""
    certificates: tuple[CertificateId, ...] = ()
    """Certificates by id, the first is the default; none leaves them to the Ingresses (Secret or discovery)."""
    tls_policy: PlainText = "tls_cipher_policy_1_2"
    """The TLS policy of an HTTPS or QUIC listener; ALB's own default still accepts TLS 1.0."""
    request_timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 60
    """How long the ALB waits for a response; there is no such annotation on an Ingress."""
    idle_timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 15
    """How long an idle connection stays open."""

    @property
    def key(self) -> str:
        """``HTTPS/443``: what identifies a listener."""
        return f"{self.protocol}/{self.port}"


class AccessLog(Model):
    """Where the ALB writes its access log in Simple Log Service (SLS)."""

    project: LogProjectName
    """The SLS project; it must exist."""
    log_store: LogStoreName
    """The Logstore; ALB accepts only names that start with ``alb_``."""


class AlbQuotas(Model):
    """What one ALB may hold in this account, where it is not what an account starts with.

    Quota Center shows it and raises it: https://www.alibabacloud.com/help/en/slb/application-load-balancer/quotas-and-limits
    """

    rules: Annotated[int, Field(ge=0, le=10_000)] = 100
    """Forwarding rules, ``alb_quota_loadbalancer_rules_num_standard_edition`` in Quota Center, which raises it to at
    most 200. State less to leave some to rules that are made by hand."""
    certificates: Annotated[int, Field(ge=0, le=10_000)] = 25
    """Certificates beside the first of each listener, ``alb_quota_loadbalancer_certificates_num_standard_edition`` in
    Quota Center, which raises it to at most 300."""


class OwnedAlb(Model):
    """An ALB that this stack creates and protects."""

    ownership: Literal["owned"]
    name: ObjectName | None = None
    """The ALB's name; unset: ``{environment}-alb``."""
    address_type: Literal["Internet", "Intranet"] = "Internet"
    """Whether the ALB has public addresses."""
    address_allocated_mode: Literal["Fixed", "Dynamic"] = "Fixed"
    """Whether each zone keeps a fixed address. Always sent: left out, the provider proposes to replace the ALB."""
    edition: Literal["Standard", "StandardWithWaf"] = "Standard"
    """The ALB's edition; the Ingress Controller refuses Basic."""
    v_switches: tuple[VSwitchId, ...]
    """vSwitches of the cluster, in at least two zones."""
    access_log: AccessLog | None = None
    """Access log to SLS; off when unset."""
    bandwidth_package: BandwidthPackageId | None = None
    """An Internet shared bandwidth for the ALB's addresses."""
    ingress_class: ObjectName | None = None
    """The IngressClass and AlbConfig to create; unset: ``{environment}-alb``."""
    listeners: Annotated[tuple[Listener, ...], Field(min_length=1, max_length=50)]
    """All listeners of the ALB."""
    allow_listener_removal: tuple[ListenerKey, ...] = ()
    """Listeners that are live in the AlbConfig and may go, as ``HTTPS/8000``; any other one must be declared."""
    quotas: AlbQuotas = AlbQuotas.model_construct()
    """What the ALB may hold. Stacks on one ALB share it: together, the largest value counts."""


class AlbById(Model):
    """An existing ALB; the stack puts its own AlbConfig and IngressClass on it (one AlbConfig per ALB)."""

    ownership: Literal["givenById"]
    id: AlbId
    """The ALB's instance id; checked at preview: it exists, in the cluster's VPC, and is not of edition Basic."""
    ingress_class: ObjectName | None = None
    """The IngressClass and AlbConfig to create; unset: ``{environment}-alb``."""
    listeners: Annotated[tuple[Listener, ...], Field(min_length=1, max_length=50)]
    """All listeners that Ingresses use; listeners made by hand on the ALB are left alone."""
    allow_listener_removal: tuple[ListenerKey, ...] = ()
    """Listeners that are live in the AlbConfig and may go, as ``HTTPS/8000``; any other one must be declared."""
    quotas: AlbQuotas = AlbQuotas.model_construct()
    """What the ALB may hold. Stacks on one ALB share it: together, the largest value counts."""


class AlbByIngressClass(Model):
    """An existing IngressClass with its AlbConfig, perhaps shared by environments: nothing is created."""

    ownership: Literal["givenByIngressClass"]
    ingress_class: LiveName
    """The IngressClass's name, ``alb`` in the guide; checked at preview."""
    dns_name: Host | None = None
    """The ALB's DNS name for the outputs; unset: read from an Ingress after it was served."""
    listeners: Annotated[tuple[Listener, ...], Field(min_length=1, max_length=50)]
    """The listeners that the AlbConfig declares, so that services can be checked against them."""
    quotas: AlbQuotas = AlbQuotas.model_construct()
    """What the ALB may hold. Stacks on one ALB share it: together, the largest value counts."""


Alb = Annotated[OwnedAlb | AlbById | AlbByIngressClass, Field(discriminator="ownership")]
