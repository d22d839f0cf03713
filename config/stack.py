"""The settings of one stack, validated, with everything that follows from them by name."""

from collections.abc import Mapping

from config.addons import Addons
from config.alb import Alb, Listener
from config.cluster import Cluster, KubeconfigSecret
from config.debug import Debug
from config.environment import Environment, OwnedPullSecret
from config.log_retention import LogRetention
from config.model import Model
from config.nacos import Nacos
from config.nas import GivenVolume, Nas
from config.protection import AllowedReplacement
from config.registration import LifeCycle, RegistrationMode, life_cycle
from config.registry import Registry
from config.service import Service
from config.waiver import Waiver

PROJECT = "ack-platform"
GENERATED_PREFIX = "generated-"
"""How a secret of the sandbox begins; no server knows it."""
SECRET_KEYS = ("kubeconfig", "nacosPassword", "registryPassword")


class Sections(Model):
    """The keys of a stack file under ``ack-platform:``, but the services."""

    cluster: Cluster
    """The ACK cluster."""
    addons: Addons
    """The cluster's add-ons."""
    alb: Alb
    """The Application Load Balancer."""
    nas: Nas
    """NAS file system and volume."""
    environment: Environment
    """The environment's names and limits."""
    registry: Registry
    """The container registry."""
    nacos: Nacos | None = None
    """Nacos; left out where services do not register."""
    log_retention: LogRetention | None = None
    """Removal of old logs."""
    debug: Debug | None = None
    """The tools that look into a running service."""
    allow_replace: tuple[AllowedReplacement, ...] = ()
    """Protected resources that may be replaced or deleted for a while, each with its reason."""
    waivers: tuple[Waiver, ...] = ()
    """Rules of ``policies`` that need not hold for a service for a while, each with its reason."""


def required_secrets(cluster: Cluster | None, environment: Environment | None, nacos: Nacos | None) -> tuple[str, ...]:
    """The secret configuration keys that these sections need, sorted; a section that is None needs none."""
    needed = {
        "kubeconfig": cluster is not None and isinstance(cluster.kubeconfig, KubeconfigSecret),
        "nacosPassword": nacos is not None and nacos.auth is not None,
        "registryPassword": environment is not None and isinstance(environment.pull_secret, OwnedPullSecret),
    }
    return tuple(key for key in SECRET_KEYS if needed[key])


class StackSettings(Sections):
    """All settings of a stack, and the names that follow from them."""

    stack: str
    """The stack's name."""
    services: dict[str, Service]
    """The services that run in this stack, by name, sorted."""

    @property
    def namespace(self) -> str:
        """The Kubernetes namespace."""
        return self.environment.namespace.name or self.environment.name

    @property
    def spring_profile(self) -> str:
        """The Spring profile, which is also ENVIRONMENT."""
        return self.environment.spring_profile or self.environment.name

    @property
    def image_profile(self) -> str:
        """The profile with which image tags start."""
        return self.environment.image_profile or self.spring_profile

    @property
    def nacos_namespace(self) -> str | None:
        """The Nacos namespace's id; None without a Nacos."""
        return None if self.nacos is None else self.nacos.namespace_id or self.environment.name

    @property
    def ingress_class(self) -> str:
        """The IngressClass, and the AlbConfig of the same name where this stack owns them."""
        return self.alb.ingress_class or f"{self.environment.name}-alb"

    @property
    def claim(self) -> str:
        """The PersistentVolumeClaim that services mount."""
        volume = self.nas.volume
        return volume.claim if isinstance(volume, GivenVolume) else volume.name or f"{self.environment.name}-nas"

    @property
    def nas_path(self) -> str | None:
        """The directory of the file system that is the volume's root; None where the claim is given."""
        volume = self.nas.volume
        return None if isinstance(volume, GivenVolume) else volume.path or f"/{self.environment.name}"

    @property
    def pull_secret(self) -> str | None:
        """The image pull Secret's name, if any."""
        return None if self.environment.pull_secret is None else self.environment.pull_secret.name

    @property
    def listeners(self) -> Mapping[str, Listener]:
        """The declared listeners by their key, ``HTTPS/443``."""
        return {listener.key: listener for listener in self.alb.listeners}

    @property
    def required_secrets(self) -> tuple[str, ...]:
        """The secret configuration keys that this stack needs, sorted."""
        return required_secrets(self.cluster, self.environment, self.nacos)

    @property
    def patched_fields(self) -> Mapping[str, int]:
        """How many fields stand in patches, by service; those without patches are left out."""
        fields = {name: service.patch.fields for name, service in self.services.items()}
        return {name: count for name, count in fields.items() if count}

    def protects(self, resource: str) -> bool:
        """Whether the engine is to refuse that a protected resource is replaced or deleted."""
        return all(entry.resource != resource for entry in self.allow_replace)

    def data_dir(self, name: str) -> str:
        """DATA_DIR of a service."""
        stated = self.services[name].data_dir
        pattern = self.environment.data_dir
        return stated or pattern.replace("{environment}", self.environment.name).replace("{service}", name)

    def sub_path(self, name: str) -> str | None:
        """The directory of the volume that is mounted at DATA_DIR; None without a mount."""
        mount = self.services[name].nas
        return None if mount is None else mount.sub_path or self.data_dir(name).removeprefix("/")

    def container(self, name: str) -> str:
        """The name of a service's application container."""
        return self.services[name].names.container or name

    def image(self, name: str) -> str:
        """The image reference of a service."""
        return self.services[name].image.reference(f"{self.registry.repository}/{name}")

    def repository(self, name: str) -> tuple[str, str]:
        """The registry's host, and the repository in it, where a service's image is taken from."""
        host, _, path = (self.services[name].image.repository or f"{self.registry.repository}/{name}").partition("/")
        return host, path

    def pull_policy(self, name: str) -> str:
        """When a node asks the registry for a service's image: only a digest says that it has the right one."""
        service = self.services[name]
        return service.image_pull_policy or ("IfNotPresent" if service.image.digest else "Always")

    def host(self, name: str) -> str | None:
        """The public host of a service; None without an Ingress, or where neither host nor suffix is set."""
        ingress = self.services[name].ingress
        if ingress is None:
            return None
        suffix = self.environment.host_suffix
        return ingress.host or (f"{name}.{suffix}" if suffix else None)

    def urls(self, name: str) -> tuple[str, ...]:
        """The public URLs of a service, in the order of its listeners and paths."""
        ingress, host = self.services[name].ingress, self.host(name)
        if ingress is None or host is None:
            return ()
        usual = {"HTTP": 80, "HTTPS": 443, "QUIC": 443}
        urls = []
        for listener in ingress.listeners:
            scheme = "http" if listener.protocol == "HTTP" else "https"
            port = "" if listener.port == usual[listener.protocol] else f":{listener.port}"
            urls += [f"{scheme}://{host}{port}{path.path.rstrip('/')}" for path in ingress.paths]
        return tuple(dict.fromkeys(urls))

    def registration_mode(self, name: str) -> RegistrationMode:
        """How a service registers: as stated, else ``sidecar`` where the stack names a Nacos."""
        return self.services[name].registration.mode or ("sidecar" if self.nacos else "none")

    def life_cycle(self, name: str) -> LifeCycle:
        """The seconds of a service's pod's end."""
        nacos = self.nacos if self.registration_mode(name) != "none" else None
        cache = nacos.consumer_cache_seconds if nacos else 0
        return life_cycle(self.services[name].registration, nacos.version if nacos else None, cache)
