"""One environment of the cluster: its names, its namespace, and the limits that hold there."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import (
    AnyQuantity,
    Cidr,
    CpuQuantity,
    DataDirPattern,
    DnsLabel,
    Domain,
    EnvironmentName,
    KubernetesVersion,
    LiveName,
    MemoryQuantity,
    NamespaceName,
    ObjectName,
    PlainText,
    Port,
)


class Namespace(Model):
    """The environment's namespace (命名空间)."""

    ownership: Literal["owned", "given"] = "owned"
    """``owned``: created and protected. ``given``: its labels, Pod Security among them, are never changed."""
    name: NamespaceName | None = None
    """The name; unset: the environment's name."""
    pod_security: Literal["restricted", "baseline", "privileged"] = "restricted"
    """The Pod Security level that is enforced; of a given namespace: the level that its labels have."""
    pod_security_version: KubernetesVersion | Literal["latest"] = "latest"
    """The version of the Pod Security Standards; pin it to keep a cluster upgrade from refusing pods."""


class OwnedQuota(Model):
    """A ResourceQuota (资源配额) that this stack creates."""

    ownership: Literal["owned"]
    hard: Annotated[dict[PlainText, AnyQuantity], Field(min_length=1)]
    """Resource names and their limits, for example ``requests.cpu: "16"``, ``limits.memory: 64Gi``, ``pods: "40"``."""


class GivenLimits(Model):
    """An existing object by name; checked at preview, never changed."""

    ownership: Literal["given"]
    name: LiveName
    """The object's name."""


class ContainerAmounts(Model):
    """CPU and memory of one container."""

    cpu: CpuQuantity | None = None
    """CPU; unset: no rule."""
    memory: MemoryQuantity | None = None
    """Memory; unset: no rule."""


class OwnedLimitRange(Model):
    """A LimitRange (资源限制) for containers that this stack creates."""

    ownership: Literal["owned"]
    default: ContainerAmounts = ContainerAmounts.model_construct()
    """The limit of a container that states none."""
    default_request: ContainerAmounts = ContainerAmounts.model_construct()
    """The request of a container that states none."""
    min: ContainerAmounts = ContainerAmounts.model_construct()
    """The smallest request that is accepted."""
    max: ContainerAmounts = ContainerAmounts.model_construct()
    """The largest limit that is accepted; also the default where there is none."""

    def default_limit(self, resource: str) -> str | None:
        """The limit of a container that states none for ``cpu`` or ``memory``; Kubernetes takes ``max`` for it.

        Source: https://kubernetes.io/docs/concepts/policy/limit-range/
        """
        stated: str | None = getattr(self.default, resource, None) or getattr(self.max, resource, None)
        return stated


class OwnedPullSecret(Model):
    """The Secret (保密字典) with the registry's credentials, from the stack secret ``registryPassword``."""

    ownership: Literal["owned"]
    name: ObjectName = "acr-credentials"
    """The Secret's name."""


class EgressRule(Model):
    """A destination outside the namespace that pods may reach."""

    cidr: Cidr
    """The destination's network."""
    ports: tuple[Port, ...] = ()
    """TCP ports; empty: all."""


class NetworkPolicies(Model):
    """NetworkPolicies of the namespace: everything is denied but what is listed.

    They take effect only with Terway and its NetworkPolicy switch on.
    """

    nacos: tuple[Cidr, ...] = ()
    """Networks of the Nacos servers; their ports follow from ``nacos.address``."""
    egress: tuple[EgressRule, ...] = ()
    """Destinations of all services, for example the database's vSwitch."""


class Environment(Model):
    """The environment that a stack is."""

    name: EnvironmentName
    """The one name from which namespace, Spring profile, Nacos namespace, image profile and DATA_DIR follow."""
    namespace: Namespace = Namespace.model_construct()
    """The namespace."""
    spring_profile: DnsLabel | None = None
    """The Spring profile and ENVIRONMENT; unset: the environment's name."""
    image_profile: DnsLabel | None = None
    """The profile that images are built for, with which their tags start; unset: the Spring profile."""
    host_suffix: Domain | None = None
    """Hosts are ``{service}.{hostSuffix}`` where an Ingress names none, and must end with it where it does."""
    data_dir: DataDirPattern
    """DATA_DIR of every service. Stated, never defaulted: a wrong path is an application without its configuration."""
    quota: Annotated[OwnedQuota | GivenLimits, Field(discriminator="ownership")] | None = None
    """The ResourceQuota."""
    limit_range: Annotated[OwnedLimitRange | GivenLimits, Field(discriminator="ownership")] | None = None
    """The LimitRange."""
    pull_secret: Annotated[OwnedPullSecret | GivenLimits, Field(discriminator="ownership")] | None = None
    """The image pull Secret; left out where the ACR credential helper add-on provides one."""
    network_policies: NetworkPolicies | None = None
    """NetworkPolicies; none when unset."""
