"""How a service enters and leaves Nacos, and the arithmetic of leaving without losing a request."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import ImageReference, PlainText

RegistrationMode = Literal["sidecar", "hooks", "none"]

ENDPOINT_REMOVAL_SECONDS = 10
"""How long ALB and kube-proxy may still send requests to a pod that is being deleted."""
PUSH_SECONDS = {"1.x": 10, "2.x": 1, "3.x": 1}
"""How long a change takes from a Nacos server to its clients: a push since 2.x, a 10 s poll before."""
MARGIN_SECONDS = 5
"""Time for the calls themselves."""
EXIT_SECONDS = 10
"""Time for the JVM to end after Spring's graceful shutdown."""

SIDECAR_NAME = "registration"
"""The sidecar's container name."""
SCRIPT_DIRECTORY = "/etc/registration"
"""Where the registration script is mounted."""
CREDENTIALS_DIRECTORY = "/etc/nacos-credentials"
"""Where the Nacos login is mounted."""
STATE_DIRECTORY = "/run/registration"
"""Where the script keeps its state."""
SIDECAR_REQUESTS = {"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "16Mi"}
"""What the registration sidecar reserves: a shell that sleeps, and a curl every few seconds."""
SIDECAR_LIMITS = {"cpu": "200m", "memory": "64Mi", "ephemeral-storage": "64Mi"}
"""What the registration sidecar may use."""


class Registration(Model):
    """Registration with Nacos (生命周期)."""

    mode: RegistrationMode | None = None
    """``sidecar``: a native sidecar keeps "Ready" and "visible in Nacos" together, and takes the instance offline
    before the pod stops. ``hooks``: postStart and preStop of the application container. ``none``: only a preStop sleep.
    Unset: ``sidecar`` where the stack names a Nacos, else ``none``."""
    nacos_name: PlainText | None = None
    """The service's name in Nacos (spring.application.name); stated, never guessed."""
    image: ImageReference | None = None
    """The sidecar's image; it needs sh and curl. Unset: the service's own."""
    start_hidden: bool = False
    """Register offline (spring.cloud.nacos.discovery.instance-enabled=false); the sidecar puts the instance online when
    readiness answers. For services whose runners take long: Spring registers before they begin. With the price that an
    instance is hidden for up to 15 s where Nacos forgets the switch (https://github.com/alibaba/nacos/issues/11890)."""
    fail_closed: bool = False
    """Keep the pod unready until the instance is found in Nacos; else it becomes Ready after 60 s with an event."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=600)] = 25
    """Spring's graceful shutdown (spring.lifecycle.timeout-per-shutdown-phase)."""
    drain_seconds: Annotated[int, Field(ge=0, le=600)] | None = None
    """How long the pod keeps serving after it was taken offline; unset: computed."""
    grace_seconds: Annotated[int, Field(ge=1, le=1800)] | None = None
    """terminationGracePeriodSeconds; unset: computed."""
    min_ready_seconds: Annotated[int, Field(ge=0, le=600)] | None = None
    """How long a new pod must be Ready before an old one is removed; unset: computed."""


@dataclass(frozen=True)
class LifeCycle:
    """The seconds of a pod's end, and the shortest ones that lose no request."""

    drain: int
    """Between offline in Nacos and SIGTERM."""
    grace: int
    """terminationGracePeriodSeconds."""
    min_ready: int
    """minReadySeconds of the Deployment."""
    shutdown: int
    """Spring's graceful shutdown after SIGTERM."""
    shortest_drain: int
    """max(push + consumer cache, endpoint removal) + margin."""
    shortest_grace: int
    """drain + shutdown + exit."""
    sum: str
    """The arithmetic in words, for error texts."""


def life_cycle(registration: Registration, nacos_version: str | None, consumer_cache_seconds: int) -> LifeCycle:
    """The seconds of a pod's end under the given registration.

    Args:
        registration: the service's settings; a stated number wins over a computed one.
        nacos_version: ``1.x``, ``2.x``, ``3.x``, or None where the service does not register.
        consumer_cache_seconds: how long a consumer may use a stale instance list.

    Source: https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
    (the grace period starts before preStop).
    """
    push = PUSH_SECONDS[nacos_version] if nacos_version else 0
    cache = consumer_cache_seconds if nacos_version else 0
    shortest_drain = max(push + cache, ENDPOINT_REMOVAL_SECONDS) + MARGIN_SECONDS
    drain = shortest_drain if registration.drain_seconds is None else registration.drain_seconds
    shutdown = registration.shutdown_seconds
    shortest_grace = drain + shutdown + EXIT_SECONDS
    grace = -(-shortest_grace // 10) * 10 if registration.grace_seconds is None else registration.grace_seconds
    min_ready = (
        max(drain - MARGIN_SECONDS, 0) if registration.min_ready_seconds is None else registration.min_ready_seconds
    )
    return LifeCycle(
        drain=drain,
        grace=grace,
        min_ready=min_ready,
        shutdown=shutdown,
        shortest_drain=shortest_drain,
        shortest_grace=shortest_grace,
        sum=(
            f"drain ≥ max(push {push} s + consumer cache {cache} s, endpoint removal {ENDPOINT_REMOVAL_SECONDS} s)"
            f" + {MARGIN_SECONDS} s = {shortest_drain} s; grace ≥ drain {drain} s + graceful shutdown {shutdown} s"
            f" + exit {EXIT_SECONDS} s = {shortest_grace} s"
        ),
    )
