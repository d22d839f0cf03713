"""Registration with Nacos, and the arithmetic of a pod's end."""

from collections.abc import Iterator

from config.errors import UNSET, Problem
from config.registration import RegistrationMode
from config.stack import StackSettings

_GRPC_OFFSET = 1001
"""From 2.x on a server listens there too, above its API's port. Source: https://nacos.io/en/docs/latest/upgrading/2.0.0-compatibility/"""
_LAST_PORT = 65535
_LACKING = {
    # https://github.com/GoogleContainerTools/distroless#why-should-i-use-distroless-images
    "distroless": "distroless images have neither",
    "scratch": "scratch has neither",
    # https://busybox.net/downloads/BusyBox.html lists what it has
    "busybox": "busybox has no curl, and its wget cannot send PUT",
    "alpine": "alpine has no curl, and its wget cannot send PUT",
}
_JAVA = ("eclipse-temurin", "amazoncorretto")
"""Java images whose tags name their base; on Alpine they add nothing that can send PUT."""


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every registration that cannot work, and every end of a pod that would lose requests."""
    nacos = settings.nacos
    if nacos is not None and nacos.version != "1.x":
        ports = [int(each.rpartition(":")[2]) for each in nacos.address.split(",")]
        if max(ports) + _GRPC_OFFSET > _LAST_PORT:
            rule = f"must have ports of {_LAST_PORT - _GRPC_OFFSET} at most: gRPC is spoken {_GRPC_OFFSET} above them"
            yield Problem("nacos.address", rule, "the port of the servers' API, usually 8848", nacos.address)
    for name in settings.services:
        mode = settings.registration_mode(name)
        if mode != "none":
            yield from _registering(settings, name, mode)
        else:
            yield from _without_registration(settings, name)
        yield from _arithmetic(settings, name)


def _without_registration(settings: StackSettings, name: str) -> Iterator[Problem]:
    path, registration = f"services.{name}.registration", settings.services[name].registration
    if registration.fail_closed:
        rule = "must be false where the service does not register"
        yield Problem(f"{path}.failClosed", rule, "mode: sidecar", value=True)
    if registration.start_hidden:
        rule = "must be false where nothing puts the instance online"
        yield Problem(f"{path}.startHidden", rule, "mode: sidecar", value=True)


def _registering(settings: StackSettings, name: str, mode: RegistrationMode) -> Iterator[Problem]:
    path, registration = f"services.{name}.registration", settings.services[name].registration
    if settings.nacos is None:
        yield Problem(
            f"{path}.mode",
            "must be none where the stack names no Nacos",
            "nacos: {address: nacos.example.internal:8848, version: 2.x}, or mode: none",
            registration.mode,
        )
    elif settings.nacos.version == "1.x":
        yield Problem(
            f"{path}.mode",
            f"must be none with Nacos 1.x: {mode} takes an instance offline before its pod stops, and a 1.x server"
            " forgets that with the instance's next heartbeat",
            "mode: none, or servers of 2.x",
            registration.mode or UNSET,
        )
    if registration.nacos_name is None:
        rule = f"must be set for mode {mode}: the name is never guessed"
        yield Problem(f"{path}.nacosName", rule, f"spring.application.name of the service, for example {name}")
    if mode == "sidecar" and not settings.cluster.native_sidecars:
        rule = f"must not be sidecar before Kubernetes 1.29; cluster.version is {settings.cluster.version}"
        yield Problem(f"{path}.mode", rule, "mode: hooks, or mode: none", registration.mode or UNSET)
    if mode == "hooks" and registration.start_hidden:
        rule = (
            "must be false with mode hooks: postStart switches the instance online once, and where Nacos forgets that"
            " (https://github.com/alibaba/nacos/issues/11890) a healthy instance would stay offline"
        )
        yield Problem(f"{path}.startHidden", rule, "mode: sidecar, which looks again every 10 s", value=True)
    if mode == "hooks" and registration.fail_closed:
        rule = "must be false with mode hooks: a hook cannot keep a pod unready without killing it"
        yield Problem(f"{path}.failClosed", rule, "mode: sidecar", value=True)
    if mode == "hooks" and registration.image is not None:
        rule = "must not be set with mode hooks: they run in the application's own container"
        yield Problem(f"{path}.image", rule, "remove it, or mode: sidecar", registration.image)
    elif registration.image is not None:
        yield from _tools(f"{path}.image", registration.image)


def _tools(path: str, image: str) -> Iterator[Problem]:
    """Public images that are known to lack what the script needs; what others hold only a pod can tell."""
    folders = image.partition("@")[0].split("/")
    name, _, tag = folders.pop().partition(":")
    lacking = next((_LACKING[each] for each in (*folders, name) if each in _LACKING), None)
    if lacking is None and name in _JAVA and "alpine" in tag:
        lacking = _LACKING["alpine"]
    if lacking is not None:
        rule = f"must be an image with sh and curl: {lacking}"
        yield Problem(path, rule, "an image with both, or leave it out where the service's own image has them", image)


def _arithmetic(settings: StackSettings, name: str) -> Iterator[Problem]:
    path, registration = f"services.{name}.registration", settings.services[name].registration
    cycle = settings.life_cycle(name)
    if cycle.drain < cycle.shortest_drain:
        rule = f"must be long enough that no request is lost: {cycle.sum}"
        mend = f"drainSeconds: {cycle.shortest_drain} at least, or leave it out"
        yield Problem(f"{path}.drainSeconds", rule, mend, cycle.drain)
    if cycle.grace < cycle.shortest_grace:
        key, value = ("graceSeconds", cycle.grace) if registration.grace_seconds is not None else ("drainSeconds", None)
        mend = f"graceSeconds: {cycle.shortest_grace} at least, or leave it out"
        yield Problem(f"{path}.{key}", f"must hold the whole end of a pod: {cycle.sum}", mend, value)
