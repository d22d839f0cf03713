"""The Nacos servers where services register."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import DnsLabel, HostPort, NacosGroup, PlainText


class NacosAuth(Model):
    """Credentials of the registration hooks; the password is the stack secret ``nacosPassword``."""

    username: PlainText
    """A user that may change instances of the namespace."""


class Nacos(Model):
    """Nacos of this environment.

    Source: https://nacos.io/en/docs/latest/guide/user/open-api/
    """

    address: HostPort
    """The servers' API addresses, host:port."""
    version: Literal["1.x", "2.x", "3.x"]
    """The servers' major version: each has its own API, and 1.x cannot hold an instance offline."""
    namespace_id: PlainText | None = None
    """The namespace's id (not its name); unset: the environment's name. ``public`` is the public one."""
    group: NacosGroup = "DEFAULT_GROUP"
    """The services' group."""
    cluster: DnsLabel | Literal["DEFAULT"] = "DEFAULT"
    """The Nacos cluster that instances belong to."""
    auth: NacosAuth | None = None
    """Set where the servers require a login."""
    consumer_cache_seconds: Annotated[int, Field(ge=0, le=120)] = 5
    """How long consumers may use a stale instance list. It is set on every service here
    (SPRING_CLOUD_LOADBALANCER_CACHE_TTL; Spring's own default is 35); raise it if consumers outside this stack
    keep 35."""
