"""One microservice: everything that the guide's Deployment, Service and Ingress pages ask for."""

from typing import Annotated, Literal

from pydantic import Field

from config.environment import EgressRule
from config.exposure import Eip, Ingress, ServicePort
from config.image import Image
from config.model import Model
from config.patch import ServicePatch
from config.registration import Registration
from config.scalars import (
    AbsolutePath,
    ConfigKey,
    DnsLabel,
    EnvName,
    FileName,
    JarFile,
    JavaOption,
    LabelValue,
    LiveName,
    MemoryQuantity,
    Moment,
    Port,
    SecretKeyReference,
    SubPath,
    TimeZone,
)
from config.workload import Autoscaler, DisruptionBudget, Jvm, Logs, Metrics, Probes, Resources, Spread

SecurityProfile = Literal["restricted", "baseline", "legacy"]


class NasMount(Model):
    """The claim mounted at DATA_DIR."""

    sub_path: SubPath | None = None
    """The directory of the volume; unset: DATA_DIR without its leading '/'."""
    shared: bool = False
    """Allow another service to use the same directory; both must say so."""


class ObjectNames(Model):
    """Names of adopted objects; unset: the service's name."""

    deployment: LiveName | None = None
    """The Deployment's name."""
    container: DnsLabel | None = None
    """The application container's name; unset: the service's."""
    autoscaler: LiveName | None = None
    """The HorizontalPodAutoscaler's name."""
    disruption_budget: LiveName | None = None
    """The PodDisruptionBudget's name."""


class Service(Model):
    """A Spring Boot service: ``SpringService`` makes its Kubernetes objects."""

    image: Image
    """The image."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """When the node asks the registry (镜像拉取策略); unset: IfNotPresent with a digest, else Always."""
    replicas: Annotated[int, Field(ge=0, le=200)] = 2
    """The number of pods (实例数量); not used beside ``autoscaler``."""
    port: Port = 80
    """The container port that Spring listens on."""
    resources: Resources = Resources.model_construct()
    """Requests and limits."""
    jvm: Jvm = Jvm.model_construct()
    """The JVM's memory areas and options."""
    executable_jar: JarFile | None = None
    """EXECUTABLE_JAR; unset: what the image states."""
    app_dir: AbsolutePath = "/app"
    """APP_DIR: where the image holds the jar; never on the NAS."""
    data_dir: AbsolutePath | None = None
    """DATA_DIR; unset: the environment's pattern."""
    system_options: tuple[JavaOption, ...] = ()
    """More options of SYSTEM_OPTIONS, after port, character set and time zone."""
    program_params: tuple[JavaOption, ...] = ()
    """More arguments of PROGRAM_PARAMS, after profile and configuration path."""
    env: dict[EnvName, str] = Field(default_factory=dict)
    """Further environment variables; none that a setting writes, and no secrets."""
    env_from_secrets: dict[EnvName, SecretKeyReference] = Field(default_factory=dict)
    """Environment variables from existing Secrets of the namespace, as ``secret-name/key``."""
    time_zone: TimeZone = "Asia/Shanghai"
    """The time zone, by TZ and user.timezone instead of a host path."""
    config_files: dict[FileName, str] = Field(default_factory=dict)
    """Non-secret configuration files; they become a ConfigMap, mounted read-only at ``configFilesPath``."""
    config_files_path: AbsolutePath = "/etc/spring"
    """Where ``configFiles`` are mounted; Spring reads it after DATA_DIR."""
    nas: NasMount | None = NasMount.model_construct()
    """The NAS mount at DATA_DIR; null for a service without files."""
    tmp_size: MemoryQuantity = "256Mi"
    """The size of ``/tmp`` where the root file system is read-only."""
    probes: Probes = Probes.model_construct()
    """Health checks by the kubelet."""
    registration: Registration = Registration.model_construct()
    """Registration with Nacos and the pod's end."""
    service: ServicePort | None = None
    """The Kubernetes Service; left out for services that are only called through Nacos."""
    ingress: Ingress | None = None
    """The Ingress; needs ``service``."""
    eip: Eip | None = None
    """A public address for each pod, for calls out."""
    egress: tuple[EgressRule, ...] = ()
    """Destinations that this service may reach, where NetworkPolicies are on."""
    disruption_budget: DisruptionBudget | None = DisruptionBudget.model_construct()
    """The PodDisruptionBudget; null for none."""
    autoscaler: Autoscaler | None = None
    """A HorizontalPodAutoscaler."""
    spread: Spread = Spread.model_construct()
    """Spreading over zones and nodes."""
    security_profile: SecurityProfile = "restricted"
    """``restricted``: non-root, read-only root file system, nothing to gain. ``baseline``: the image's own user, no
    privilege escalation. ``legacy``: no security settings, as the guide's images need."""
    service_account: LiveName | None = None
    """An existing ServiceAccount; unset: one of the service's own, without a token."""
    logs: Logs | None = None
    """Container output to SLS; off when unset."""
    metrics: Metrics | None = None
    """Prometheus scraping; off when unset."""
    labels: dict[ConfigKey, LabelValue] = Field(default_factory=dict)
    """Further labels of the service's objects."""
    annotations: dict[ConfigKey, str] = Field(default_factory=dict)
    """Further annotations of the pod template."""
    restarted_at: Moment | None = None
    """When a restart was last asked for (重新部署): another time rolls the pods, as the annotation
    ``kubectl.kubernetes.io/restartedAt``. ``ackp restart`` writes it."""
    selector_labels: Annotated[dict[ConfigKey, LabelValue], Field(min_length=1)] | None = None
    """The selector of an adopted Deployment; it can never be changed on a live one."""
    names: ObjectNames = ObjectNames.model_construct()
    """Names of adopted objects."""
    revision_history: Annotated[int, Field(ge=1, le=20)] = 5
    """Old ReplicaSets that are kept for ``kubectl rollout undo``."""
    patch: ServicePatch = ServicePatch.model_construct()
    """What no setting can say of an adopted object; a debt, counted in every report."""

    @property
    def most_replicas(self) -> int:
        """The most pods beside a rollout's surge."""
        return self.autoscaler.max_replicas if self.autoscaler else self.replicas

    @property
    def fewest_replicas(self) -> int:
        """The pods that are always wanted."""
        return self.autoscaler.min_replicas if self.autoscaler else self.replicas
