"""A provider and a consumer on a real node, as the program creates them for a service, with a real registry."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cluster.node.node import Node
from config.registration import RegistrationMode
from sandbox.progress import Progress
from tests.cluster.api import Api, Object
from tests.image.base import base_files
from tests.image.build import IMAGE, built_image
from tests.image.cached import made_once
from tests.image.jars import JAR_FILE
from tests.lifecycle.jars import BOOT_4_0, Pair, jars
from tests.lifecycle.load import Backend
from tests.lifecycle.registry import Registry, registry
from tests.node.stack import Stack

PROVIDER: Final = "resource"
"""The shipped service that the provider stands for."""
CONSUMER: Final = "gateway"
"""The shipped service that the consumer stands for."""
NACOS_NAME: Final = "provider"
REPLICAS: Final = 2
_ROLES: Final = {"provider": PROVIDER, "consumer": CONSUMER}


@dataclass(frozen=True)
class Scenario:
    """How the provider is registered, and how its consumer remembers.

    Attributes:
        mode: The provider's registration mode.
        cache: Seconds for which the consumer may use a stale instance list.
    """

    mode: RegistrationMode
    cache: int

    @property
    def changes(self) -> dict[str, object]:
        """The settings that differ from the shipped stack, as for `plan`."""
        provider, consumer = f"services__{PROVIDER}__", f"services__{CONSUMER}__"
        return {
            "nacos__consumerCacheSeconds": self.cache,
            f"{provider}executableJar": JAR_FILE,
            f"{provider}replicas": REPLICAS,
            # A share of the processor, as on a node: pods with none wait for everything else of this machine.
            **{f"{each}resources__requests__cpu": "300m" for each in (provider, consumer)},
            f"{provider}probes__type": "http",
            f"{provider}service__port": 8080,
            f"{provider}registration__mode": self.mode,
            f"{provider}registration__nacosName": NACOS_NAME,
            f"{consumer}executableJar": JAR_FILE,
            f"{consumer}replicas": 1,
            f"{consumer}registration__mode": "none",
            f"{consumer}registration__nacosName": "consumer",
            f"{consumer}ingress__readinessGate": False,  # no ALB will open it
        }


class Scene:
    """Provider, consumer and registry, for as long as a block.

    Args:
        node: The node.
        api: Its API.
        scenario: Registration and caches.
        pair: The services' versions.

    Attributes:
        stack: The objects.
        nacos: The registry.
        ends: When each pod of the provider began to end, as `time.monotonic()` tells, by name.
        ended: When it was gone.
    """

    def __init__(self, node: Node, api: Api, scenario: Scenario, nacos: Registry, **changes: object) -> None:
        self.api = api
        self.nacos = nacos
        address = {"nacos__address": nacos.address}
        self.stack = Stack(node, api, "test", (CONSUMER, PROVIDER), {**scenario.changes, **address, **changes})
        self.cycle = plan_cycle(self.deployment)
        self.ends: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self._versions = itertools.count(1)

    @property
    def deployment(self) -> Object:
        """The provider's Deployment, as stated."""
        return self.stack.stated(f"{PROVIDER}-deployment")

    @property
    def namespace(self) -> str:
        """The namespace of the environment, in Kubernetes and in Nacos."""
        return self.stack.namespace

    def pods(self) -> list[Object]:
        """The provider's pods, those on their way out left out."""
        return self.stack.pods(PROVIDER)

    def all_pods(self) -> list[Object]:
        """The provider's pods."""
        return self.api.objects("v1", "Pod", self.namespace, self.deployment["spec"]["selector"]["matchLabels"])

    def backend(self, service: str) -> Backend:
        """The one pod of a service."""
        (pod,) = self.stack.pods(service)
        return Backend(pod["metadata"]["uid"], pod["status"]["podIP"], 80)

    def roll(self) -> None:
        """A new version of the provider, awaited as `pulumi up` awaits it."""
        name = f"{PROVIDER}-deployment"
        stated = copy.deepcopy(self.deployment)
        stated["spec"]["template"]["metadata"]["annotations"]["ack-platform/rollout"] = str(next(self._versions))
        self.stack.applier.up({name: dataclasses.replace(self.stack.plan[name], stated=stated)})

    def visible(self) -> set[str]:
        """The addresses of the provider's instances that consumers see."""
        return {ip for ip, _ in self.nacos.visible(NACOS_NAME, self.namespace)}

    @contextmanager
    def watching_ends(self) -> Iterator[None]:
        """Note when the provider's pods begin to end, and when they are gone."""
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(0.2):
                found = self.all_pods()
                now = time.monotonic()
                for each in found:
                    if "deletionTimestamp" in each["metadata"]:
                        self.ends.setdefault(each["metadata"]["name"], now)
                for name in set(self.ends) - set(self.ended) - {each["metadata"]["name"] for each in found}:
                    self.ended[name] = now

        watcher = threading.Thread(target=watch, name="ends")
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()


@dataclass(frozen=True)
class Cycle:
    """What the manifest says of a pod's end and of a rollout, in seconds."""

    drain: int
    grace: int
    min_ready: int


def plan_cycle(deployment: Object) -> Cycle:
    """Read it from a Deployment."""
    pod = deployment["spec"]["template"]["spec"]
    hooks = pod["containers"][0].get("lifecycle") or {}
    drain = ((hooks.get("preStop") or {}).get("sleep") or {}).get("seconds", 0)
    return Cycle(drain, pod["terminationGracePeriodSeconds"], deployment["spec"]["minReadySeconds"])


@contextmanager
def scene(
    node: Node, api: Api, scenario: Scenario, images: dict[str, Path], folder: Path, **changes: object
) -> Iterator[Scene]:
    """A scene that is up: pods Ready, and the provider visible to its consumer.

    Args:
        node: The node.
        api: Its API.
        scenario: Registration and caches.
        images: OCI archives of `provider` and `consumer`.
        folder: For the registry's data.
        changes: More settings, as for `plan`.
    """
    with registry(node.network.host, folder / "registry") as nacos:
        found = Scene(node, api, scenario, nacos, **changes)
        for role, service in _ROLES.items():
            containers = found.stack.stated(f"{service}-deployment")["spec"]["template"]["spec"]["containers"]
            node.registry.push(images[role], containers[0]["image"])
        node.nas(found.stack.server)
        try:
            found.stack.applier.up(found.stack.plan)
            yield found
        finally:
            found.stack.applier.down(found.stack.plan)
            for step in found.stack.plan.values():
                if step.retained:  # of the next scene on this node it would be in the way
                    found.api.delete(step.stated)


def service_images(progress: Progress, pair: Pair = BOOT_4_0) -> dict[str, Path]:
    """OCI archives of `provider` and `consumer`, built from the project's Dockerfile once for a machine.

    Raises:
        WayFailedError: A tool is missing, or a build failed.
    """
    built = jars(pair, progress)
    sources = [(each.name, each.read_bytes()) for each in sorted(IMAGE.iterdir())]
    recipe = (built.name, base_files(progress).parent.name, sources)

    def make(folder: Path) -> None:
        for role, service in _ROLES.items():
            progress.line(f"images of {pair.profile}: building the {role}'s")
            built_image(built / f"{role}.jar", folder / f"{role}.tar", progress, service=service, profile="test")

    folder = made_once(f"images of {pair.profile}", recipe, make, progress)
    return {role: folder / f"{role}.tar" for role in _ROLES}
