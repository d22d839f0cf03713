"""Another team's program reads a stack's outputs, typed, on the real engine and the same store."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

from contract.reference import PlatformRef
from sandbox.command import EngineCommand
from sandbox.engine import Engine
from tests.engine.conftest import Shared
from tests.settings import ROOT

CONSUMER = ROOT / "docs" / "examples" / "consumer"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(shared: Shared, engine: Engine, tmp_path: Path) -> Iterator[Run]:
    """Run a program as a stack of another project on the store of the shared sandbox; its outputs."""
    opened: list[automation.Stack] = []

    def up(program: Callable[[], object], project: str = "gateway-monitoring", stack: str = "dev") -> dict[str, Any]:
        (tmp_path / project).mkdir()
        options = automation.LocalWorkspaceOptions(
            work_dir=str(tmp_path / project),
            project_settings=automation.ProjectSettings(name=project, runtime="python"),
            env_vars=EngineCommand(engine, shared.place, reads_only=True).environment,
            pulumi_command=automation.PulumiCommand(str(engine.path.parent.parent)),
            secrets_provider="passphrase",
        )

        def inline() -> None:
            program()

        opened.append(automation.create_stack(stack, project_name=project, program=inline, opts=options))
        return {name: output.value for name, output in opened[-1].up().outputs.items()}

    yield up
    for each in opened:
        each.workspace.remove_stack(each.name, force=True)


def test_the_example_consumer_gets_the_gateways_url_and_the_albs_name(run: Run, shared: Shared) -> None:
    outputs = run(lambda: runpy.run_path(str(CONSUMER / "__main__.py"), run_name="__main__"))
    assert outputs == {
        "probe": {"url": "https://gateway.uat.example.com", "via": shared.outputs("uat")["alb"]["dnsName"]}
    }
    assert (CONSUMER / "Pulumi.yaml").read_text(encoding="utf-8").startswith("name: gateway-monitoring\n")


def test_every_typed_value_arrives(run: Run, shared: Shared) -> None:
    def program() -> None:
        platform = PlatformRef("organization/ack-platform/test")
        gateway, admin = platform.service("gateway"), platform.service("admin")
        pulumi.export("namespace", platform.namespace)
        pulumi.export("port", gateway.port.apply(lambda port: [port, type(port).__name__]))
        pulumi.export("urls", gateway.urls)
        pulumi.export("host", gateway.host)
        pulumi.export("image", gateway.image)
        pulumi.export("private", admin.url.apply(lambda url: url is None))
        pulumi.export("claim", platform.outputs.apply(lambda outputs: outputs.nas.claim))

    gateway = shared.outputs("test")["services"]["gateway"]
    assert run(program) == {
        "namespace": "test",
        "port": [8080, "int"],
        "urls": gateway["urls"],
        "host": "gateway.test.example.com",
        "image": gateway["image"],
        "private": True,
        "claim": "test-nas",
    }


def test_an_unknown_service_is_refused_with_the_nearest_name(run: Run) -> None:
    def program() -> None:
        pulumi.export("url", PlatformRef("organization/ack-platform/uat").service("gatewya").url)

    with pytest.raises(automation.CommandError) as refused:
        run(program)
    assert 'the stack organization/ack-platform/uat has no service "gatewya"; did you mean "gateway"?' in str(
        refused.value
    )


def test_outputs_of_another_major_version_are_refused(run: Run, shared: Shared) -> None:
    def future() -> None:
        for name, value in {**shared.outputs("uat"), "schemaVersion": "2.0"}.items():
            pulumi.export(name, value)

    def program() -> None:
        pulumi.export("url", PlatformRef("organization/other-platform/future").service("gateway").url)

    run(future, "other-platform", "future")
    with pytest.raises(automation.CommandError) as refused:
        run(program)
    assert "has outputs of version 2.0; this reader knows 1.0: update the package contract" in str(refused.value)


def test_a_stack_without_outputs_is_refused(run: Run) -> None:
    run(lambda: None, "other-platform", "empty")
    with pytest.raises(automation.CommandError) as refused:
        run(lambda: pulumi.export("claim", PlatformRef("organization/other-platform/empty").namespace))
    assert "the stack organization/other-platform/empty has no outputs of ack-platform; was it ever deployed?" in str(
        refused.value
    )
