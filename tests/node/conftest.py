"""A real node for this folder's tests, built and started by the product's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster.node.node import Node, real_node
from sandbox.progress import Lines
from tests.cluster.api import Api
from tests.lifecycle.measure import stack_node
from tests.lifecycle.scene import PROVIDER, Scenario, Scene, scene, service_images
from tests.node.images import debugger
from tests.node.pods import remove_namespace
from tests.node.shells import NAMESPACE, Shells
from tests.node.stack import Stack
from tests.program.stacks import secret, shipped
from tests.settings import ROOT


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A node whose registry knows the login that the shipped stacks have in their pull Secret."""
    username = shipped("test").registry.username
    assert username
    with real_node(Lines(), username=username, password=secret("registryPassword")) as found:
        yield found


@dataclass(frozen=True)
class LifeCycle:
    """A provider with the sidecar and its consumer, JVMs in pods of a node of their own, and a real registry.

    Attributes:
        node: The node.
        scenario: How the provider is registered.
        scene: What is up.
    """

    node: Node
    scenario: Scenario
    scene: Scene


@pytest.fixture(scope="session")
def life_cycle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LifeCycle]:
    """For what happens to pods; each test leaves it as it was. The provider's heap is small: tests fill it."""
    images, folder, scenario = service_images(Lines()), tmp_path_factory.mktemp("scene"), Scenario("sidecar", cache=5)
    provider = {
        "resources__limits__memory": "512Mi",
        "jvm__heapPercent": 25,
        "jvm__metaspaceMi": 128,
        "jvm__codeCacheMi": 48,
        "jvm__directMemoryMi": 16,
        "jvm__threads": 64,
    }
    changes = {f"services__{PROVIDER}__{key}": value for key, value in provider.items()}
    with stack_node(Lines()) as found, scene(found, Api(found.kubeconfig), scenario, images, folder, **changes) as up:
        yield LifeCycle(found, scenario, up)


@pytest.fixture(scope="session")
def debug_image(life_cycle: LifeCycle, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tools that look into a JVM, in the node's registry."""
    name = "registry-vpc.cn-hangzhou.aliyuncs.com/example/debug:1.0.0"
    life_cycle.node.registry.push(debugger(tmp_path_factory.mktemp("debug") / "debug.tar", "debug", Lines()), name)
    return name


@pytest.fixture
def debug_stack(debug_image: str, tmp_path: Path) -> Path:
    """A folder with the stack `test`, which says where those tools are."""
    text = (ROOT / "Pulumi.test.yaml").read_text(encoding="utf-8")
    section = f"config:\n  ack-platform:debug: {{ image: {debug_image} }}\n"
    assert text.count("\nconfig:\n") == 1
    (tmp_path / "Pulumi.test.yaml").write_text(text.replace("config:\n", section, 1), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def api(node: Node) -> Api:
    """The administrator of the node's control plane."""
    return Api(node.kubeconfig)


@pytest.fixture(scope="module")
def shells(node: Node, api: Api) -> Iterator[Shells]:
    """Services of the stack uat that run what a test wants; the namespace goes with the file's last test."""
    yield Shells(node, api)
    remove_namespace(api, NAMESPACE)


@pytest.fixture(scope="session")
def stack(node: Node, api: Api) -> Stack:
    """Two services of the shipped stack `test` without Nacos, neither of which runs as root.

    `file` has HTTP probes, a Service and little memory; its end is as short as the settings allow.
    """
    file = {
        "probes__type": "http",
        "probes__periodSeconds": 2,
        "probes__timeoutSeconds": 1,
        "service__port": 80,
        "resources__limits__memory": "512Mi",
        "jvm__heapPercent": 20,
        "jvm__metaspaceMi": 64,
        "jvm__codeCacheMi": 16,
        "jvm__directMemoryMi": 8,
        "jvm__threads": 16,
    }
    changes: dict[str, object] = {f"services__file__{key}": value for key, value in file.items()}
    for service in ("file", "admin"):
        changes |= {
            f"services__{service}__registration__mode": "none",
            f"services__{service}__registration__shutdownSeconds": 1,
            f"services__{service}__registration__minReadySeconds": 0,
        }
    found = Stack(node, api, "test", ("file", "admin"), changes)
    found.up()
    return found
