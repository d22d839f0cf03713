"""How a service is reached: Service, Ingress on the ALB, and the way out through an EIP."""

from typing import Annotated, Literal

from pydantic import Field

from config.alb import Protocol
from config.model import Model
from config.scalars import (
    BandwidthPackageId,
    CertificateId,
    ConfigKey,
    CookieName,
    DnsLabel,
    HeaderName,
    Host,
    LiveName,
    PlainText,
    Port,
    PortName,
    ReleaseStrategy,
    UrlPath,
)


class ServicePort(Model):
    """The Kubernetes Service (服务): a stable name and address inside the cluster."""

    port: Port = 80
    """The Service's port; it forwards to the container port."""
    port_name: PortName = "http"
    """The port's name."""
    name: DnsLabel | None = None
    """The object's name; unset: the service's."""


class Path(Model):
    """One path of a host."""

    path: UrlPath = "/"
    """The path."""
    type: Literal["Prefix", "Exact", "ImplementationSpecific"] = "Prefix"
    """How the path matches."""


class ListenerRef(Model):
    """A listener of the ALB by port and protocol; it must be declared under ``alb.listeners``."""

    port: Port
    """The listener's port."""
    protocol: Protocol
    """The listener's protocol."""

    @property
    def key(self) -> str:
        """``HTTPS/443``: what identifies a listener."""
        return f"{self.protocol}/{self.port}"


class TlsSecret(Model):
    """A certificate from a ``kubernetes.io/tls`` Secret in the environment's namespace.

    Nobody compares it with the host: reading the Secret would bring its private key into the state.
    """

    source: Literal["secret"]
    secret_name: LiveName
    """The Secret's name."""


class TlsCertificate(Model):
    """A certificate of the listener, by id."""

    source: Literal["certificate"]
    id: CertificateId
    """The certificate's id; it must stand under the listener's ``certificates``."""
    covers: Annotated[tuple[Host, ...], Field(min_length=1)]
    """The names in the certificate; the Ingress's host must be among them. At preview, the certificate's own names are
    looked up and compared with the host too."""


class TlsDiscovery(Model):
    """The ALB controller looks for a certificate of the host in Certificate Management.

    If it finds none, the whole AlbConfig stops being synchronised, and so do all other services on it. A preview warns
    where the account has none that is valid.
    """

    source: Literal["discovery"]


class HealthCheck(Model):
    """The ALB's health check of the pods; ALB's own default is off."""

    protocol: Literal["HTTP", "HTTPS", "TCP", "GRPC"] = "TCP"
    """How the pod is asked."""
    path: UrlPath = "/"
    """With HTTP: the path."""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    """With HTTP: the method; HEAD is often not answered by Spring endpoints."""
    codes: Annotated[tuple[Literal["http_2xx", "http_3xx", "http_4xx", "http_5xx"], ...], Field(min_length=1)] = (
        "http_2xx",
    )
    """With HTTP: the answers that count as healthy."""
    interval_seconds: Annotated[int, Field(ge=1, le=50)] = 2
    """Seconds between two checks."""
    timeout_seconds: Annotated[int, Field(ge=1, le=300)] = 5
    """Seconds until a check has failed."""
    healthy_threshold: Annotated[int, Field(ge=2, le=10)] = 3
    """Good answers until a pod is healthy."""
    unhealthy_threshold: Annotated[int, Field(ge=2, le=10)] = 3
    """Bad answers until a pod is unhealthy."""


class StickySession(Model):
    """The same client reaches the same pod, by a cookie."""

    type: Literal["Insert", "Server"] = "Insert"
    """``Insert``: the ALB's cookie. ``Server``: a cookie that the service sets."""
    timeout_seconds: Annotated[int, Field(ge=1, le=86400)] = 1000
    """With ``Insert``: the cookie's life."""
    cookie: CookieName | None = None
    """With ``Server``: the cookie's name."""


class CanaryByWeight(Model):
    """A share of the requests goes to this service instead of the one with the same host and path."""

    by: Literal["weight"]
    weight: Annotated[int, Field(ge=0, le=100)]
    """The share in percent."""


class CanaryByHeader(Model):
    """Requests with a header go to this service instead of the one with the same host and path."""

    by: Literal["header"]
    header: HeaderName
    """The header's name."""
    value: PlainText | None = None
    """The header's value; unset: ``always``."""


class Ingress(Model):
    """The Ingress (路由): a host and paths on the ALB's listeners.

    Source: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary
    """

    name: LiveName | None = None
    """The object's name; unset: the service's."""
    host: Host | None = None
    """The public name; unset: ``{service}.{environment.hostSuffix}``."""
    paths: Annotated[tuple[Path, ...], Field(min_length=1)] = (Path.model_construct(),)
    """The paths of the host that belong to this service."""
    listeners: Annotated[tuple[ListenerRef, ...], Field(min_length=1)] = (
        ListenerRef.model_construct(port=443, protocol="HTTPS"),
    )
    """The listeners that serve the host."""
    tls: Annotated[TlsSecret | TlsCertificate | TlsDiscovery, Field(discriminator="source")] | None = None
    """Where the certificate comes from; required with an HTTPS or QUIC listener."""
    redirect_to_https: bool = False
    """HTTP requests on port 80 are answered with a redirect to port 443."""
    backend_protocol: Literal["http", "https", "grpc"] = "http"
    """What the pods speak."""
    health_check: HealthCheck | None = HealthCheck.model_construct()
    """The ALB's health check; null switches it off."""
    sticky_session: StickySession | None = None
    """Sticky sessions; off when unset."""
    drain_seconds: Annotated[int, Field(ge=1, le=900)] | None = None
    """Connection draining of the ALB when a pod leaves; needs ALB Ingress Controller 2.14."""
    slow_start_seconds: Annotated[int, Field(ge=30, le=900)] | None = None
    """The load on a new pod grows over this time; needs ALB Ingress Controller 2.14."""
    canary: Annotated[CanaryByWeight | CanaryByHeader, Field(discriminator="by")] | None = None
    """A canary (灰度发布) beside the service that has the same host and path."""
    order: Annotated[int, Field(ge=1, le=1000)] | None = None
    """The order among the AlbConfig's rules; smaller wins."""
    readiness_gate: bool = True
    """A new pod counts as Ready only after the ALB has it; Terway only."""
    annotations: dict[ConfigKey, str] = Field(default_factory=dict)
    """Further annotations of the Ingress; none that a setting above writes."""


class Eip(Model):
    """A public address of its own for each pod, for calls out (SMS) where the VPC has no NAT gateway.

    Source: https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/associate-an-eip-with-a-pod-1
    """

    bandwidth: Annotated[int, Field(ge=1, le=200)] = 5
    """Peak bandwidth, Mbit/s."""
    charge_type: Literal["PayByTraffic", "PayByBandwidth"] = "PayByTraffic"
    """What is paid for."""
    bandwidth_package: BandwidthPackageId | None = None
    """An Internet shared bandwidth that the EIPs join."""
    release_strategy: ReleaseStrategy = "Follow"
    """When the EIP is released. Others than ``Follow`` tie it to a pod's name, which a Deployment never repeats."""
