"""A listener that is live in the AlbConfig goes only when the stack file lets it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.attachment import running_cloud
from sandbox.cloud.contents import Contents
from sandbox.command import EngineCommand
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.run import Sandbox
from tests.engine.stacks import SEED, Cloud, Project, operations
from tests.settings import ROOT

EXTRA = {"port": 8081, "protocol": "HTTP"}
KIND = "kubernetes:alibabacloud.com/AlbConfig"
Run = Callable[..., dict[str, str]]


@pytest.fixture
def run(engine: Engine, tmp_path: Path, place: Place) -> Run:
    """Bring up the stack test, with one listener more or not, and letting listeners go."""

    def up(*, extra: bool = False, allowed: tuple[str, ...] = ()) -> dict[str, str]:
        project = Project.copy(tmp_path / "project", "test", small=True)
        listeners = project.values["alb"]["listeners"]
        project.edit({"alb.listeners": [*listeners, EXTRA] if extra else listeners})
        project.edit({"alb.allowListenerRemoval": list(allowed)})
        return operations(Sandbox(project.root, "test", place=place, engine=engine).up())

    return up


def live_ports(place: Place) -> list[int]:
    """The ports of the AlbConfig in the cluster."""
    spec: dict[str, Any] = Cloud(place).get("alibabacloud.com/AlbConfig", "test-alb")["spec"]
    return [listener["port"] for listener in spec["listeners"]]


def test_a_listener_that_the_last_run_made_goes_only_on_purpose(run: Run, place: Place) -> None:
    run(extra=True)
    with pytest.raises(SandboxError) as refused:
        run()
    page = (ROOT / "docs" / "how-to" / "replace-on-purpose.md").read_text(encoding="utf-8")
    assert str(refused.value) in page
    assert 8081 in live_ports(place)
    with pytest.raises(SandboxError, match="HTTP/8081"):
        run(allowed=("HTTPS/8081",))
    assert run(allowed=("HTTP/8081",)) == {"alb-alb-config": "update"}
    assert 8081 not in live_ports(place)
    assert run() == {}


def test_a_listener_that_somebody_added_is_seen_once_the_engine_has_read_it(
    run: Run, place: Place, engine: Engine
) -> None:
    run()
    by_hand = Contents(place.contents)
    config = by_hand.get(KIND, "test-alb")
    assert config is not None
    spec = config.object["spec"]
    changed = {**config.object, "spec": {**spec, "listeners": [*spec["listeners"], EXTRA]}}
    by_hand.put(replace(config, object=changed))
    by_hand.save()
    by_hand.close()
    with running_cloud(place, ROOT, seed=SEED) as providers:
        refresh = ["refresh", "--yes", "--skip-preview", "--stack", "test"]
        done = EngineCommand(engine, place).run(refresh, extra={"PULUMI_DEBUG_PROVIDERS": providers()})
    assert done.code == 0, done.stderr
    with pytest.raises(SandboxError, match="must have the listener HTTP/8081"):
        run()
    assert 8081 in live_ports(place)
