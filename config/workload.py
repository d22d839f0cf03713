"""What a service's pod is made of: resources, JVM, probes, security, placement."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import CpuQuantity, JavaOption, LogProjectName, MemoryQuantity, Percent, Port, Seconds, UrlPath


class Requests(Model):
    """What the scheduler reserves for a container."""

    cpu: CpuQuantity = "250m"
    """CPU."""
    memory: MemoryQuantity | None = None
    """Memory; unset: the same as the limit, as a JVM does not give memory back."""
    ephemeral_storage: MemoryQuantity = "256Mi"
    """Local disk: the writable layer, ``/tmp`` and the container's log."""


class Limits(Model):
    """What a container may use at most."""

    cpu: CpuQuantity | None = None
    """CPU; unset: a JVM may use idle CPU while it starts."""
    memory: MemoryQuantity = "2Gi"
    """Memory; the JVM is sized by it."""
    ephemeral_storage: MemoryQuantity = "2Gi"
    """Local disk."""


class Resources(Model):
    """Requests and limits of the application container (资源限制)."""

    requests: Requests = Requests.model_construct()
    """What the scheduler reserves."""
    limits: Limits = Limits.model_construct()
    """What the container may use."""

    @property
    def memory_request(self) -> str:
        """The memory request: the limit where none is stated."""
        return self.requests.memory or self.limits.memory


class Jvm(Model):
    """The JVM's areas, which together must fit the memory limit."""

    heap_percent: Percent = 60
    """Heap as a share of the memory limit (``-XX:MaxRAMPercentage``)."""
    metaspace_mi: Annotated[int, Field(ge=32, le=4096)] = 192
    """Class metadata, MiB (``-XX:MaxMetaspaceSize``)."""
    code_cache_mi: Annotated[int, Field(ge=16, le=512)] = 96
    """Compiled code, MiB (``-XX:ReservedCodeCacheSize``)."""
    direct_memory_mi: Annotated[int, Field(ge=8, le=4096)] = 64
    """Direct buffers (Netty, NIO), MiB (``-XX:MaxDirectMemorySize``)."""
    threads: Annotated[int, Field(ge=16, le=5000)] = 200
    """Threads at peak, for the sum; not enforced."""
    thread_stack_ki: Annotated[int, Field(ge=256, le=4096)] = 512
    """The stack of each thread, KiB (``-Xss``)."""
    other_mi: Annotated[int, Field(ge=0, le=4096)] = 96
    """Garbage collector, symbols and the C library, MiB, for the sum."""
    options: tuple[JavaOption, ...] = ()
    """More options of JVM_OPTIONS_BASE, after the computed ones."""


class Probes(Model):
    """Startup, then readiness and liveness in parallel (健康检查)."""

    type: Literal["tcp", "http"] = "tcp"
    """``tcp`` as in the guide: the port is open. ``http`` only where the service has the actuator."""
    port: Port | None = None
    """The probed port; unset: the container port."""
    startup_seconds: Annotated[int, Field(ge=10, le=1800)] = 300
    """The budget for starting; a pod that needs longer is restarted."""
    readiness_path: UrlPath = "/actuator/health/readiness"
    """With ``http``: answers 200 when the service can take requests."""
    liveness_path: UrlPath = "/actuator/health/liveness"
    """With ``http``: fails only where a restart helps; never the readiness path, never a dependency."""
    period_seconds: Annotated[int, Field(ge=1, le=60)] = 5
    """How often readiness is asked; liveness is asked half as often."""
    timeout_seconds: Annotated[int, Field(ge=1, le=30)] = 3
    """How long an answer may take."""


class Spread(Model):
    """Where replicas may sit, from two replicas on."""

    zone: Literal["ScheduleAnyway", "DoNotSchedule"] | None = "ScheduleAnyway"
    """Spread over zones: preferred, required, or not at all."""
    host: Literal["ScheduleAnyway", "DoNotSchedule"] | None = "ScheduleAnyway"
    """Spread over nodes."""


class DisruptionBudget(Model):
    """How many replicas a node drain may take away at once; created from two replicas on."""

    max_unavailable: Annotated[int, Field(ge=1, le=100)] = 1
    """Replicas that may be missing."""


class Autoscaler(Model):
    """A HorizontalPodAutoscaler; it owns the number of replicas, so the Deployment states none."""

    min_replicas: Annotated[int, Field(ge=1, le=100)]
    """The fewest replicas."""
    max_replicas: Annotated[int, Field(ge=1, le=200)]
    """The most replicas; quotas are checked against it."""
    cpu_percent: Annotated[int, Field(ge=1, le=1000)] = 70
    """Mean CPU use that is aimed at, in percent of the request."""
    scale_down_seconds: Seconds = 300
    """How long load must be low before replicas are removed."""


class Logs(Model):
    """Container output to Simple Log Service, by the documented variables ``aliyun_logs_{key}``.

    Source: https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/collect-log-data-from-containers-by-using-log-service
    """

    project: LogProjectName | None = None
    """The SLS project; unset: the cluster's (``k8s-log-{cluster id}``)."""
    ttl_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long the Logstore keeps entries; applies when the Logstore is created."""
    shards: Annotated[int, Field(ge=1, le=10)] = 2
    """The Logstore's shards; applies when it is created."""


class Metrics(Model):
    """Scraping by Prometheus (ARMS), through the ``prometheus.io/*`` annotations of the pod."""

    path: UrlPath = "/actuator/prometheus"
    """Where metrics are served."""
    port: Port | None = None
    """The port; unset: the container port."""
