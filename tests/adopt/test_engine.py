"""The engine takes objects that are live into its state, through the real program, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import CommandError

from adopt.connection import Connection
from adopt.engine import reading_provider
from adopt.server import ApiServer
from cluster.plane import control_plane
from sandbox.attachment import running_cloud
from sandbox.changes import Changes
from sandbox.command import EngineCommand
from sandbox.engine import find_engine
from sandbox.inline import end_program, open_stack, program_environment
from sandbox.place import Place
from sandbox.progress import Lines
from sandbox.project import copy_project, ensure_passphrase
from sandbox.state import StackState
from tests.adopt.adopted import at_rest
from tests.cluster.api import Api
from tests.cluster.applier import Applier
from tests.cluster.controllers.alb import AlbIngressController
from tests.cluster.controllers.eip import EipController
from tests.cluster.program import Step, steps
from tests.engine.stacks import SEED, Project, state
from tests.plugins.situation import CERTIFICATES, create_given_objects
from tests.program.stacks import record
from tests.settings import ROOT

STACK = "prod"
"""The example of an existing cluster: everything around its services is given."""


class RefusedError(Exception):
    """The engine ended with errors; the text is all of them."""


class Engine:
    """The stack on the real engine, with the reading provider and the sandbox's Alibaba Cloud."""

    def __init__(self, folder: Path, kubeconfig: Path) -> None:
        self.place, self._server = Place(folder / "pulumi"), ApiServer(Connection(kubeconfig))
        self.place.prepare()
        ensure_passphrase(self.place)
        self.project = Project.copy(folder / "source", STACK)
        self._command = EngineCommand(find_engine(Lines()), self.place)
        self.run_command = self._command.run

    def run(self, operation: str) -> Changes:
        copy_project(self.place, self.project.root, STACK, [])
        changes = Changes(None)
        with (
            running_cloud(self.place, ROOT, seed=SEED, faults=None) as clouds,
            reading_provider(self._server) as reading,
            program_environment(self.project.root),
        ):
            cloud = next(each for each in clouds().split(",") if each.startswith("alicloud:"))
            stack = open_stack(self.place, self._command, ROOT, STACK, f"{cloud},{reading}")
            try:
                if operation == "up":
                    stack.up(on_event=changes, suppress_progress=True, continue_on_error=True)
                else:
                    stack.preview(on_event=changes, suppress_progress=True)
            except CommandError as error:
                raise RefusedError("\n".join(each.message for each in changes.errors)) from error
            finally:
                end_program()
        return changes

    def resources(self) -> dict[str, dict[str, Any]]:
        return {each["urn"].rpartition("::")[2]: each for each in state(self.place, STACK)}


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    """A control plane of its own: on the guide's one, controllers are at work already."""
    with control_plane(Lines()) as path:
        yield path


@pytest.fixture(scope="module")
def api(kubeconfig: Path) -> Api:
    """Its administrator."""
    return Api(kubeconfig)


@pytest.fixture(scope="module")
def plan(api: Api) -> Iterator[dict[str, Step]]:
    """The stack's objects, live."""
    create_given_objects(api)
    plan = steps(record(STACK))
    with AlbIngressController(api, CERTIFICATES).running(), EipController(api).running():
        applier = Applier(api)
        applier.up(plan)
        for each in plan.values():  # the state in which ownership has been moved
            applier.update(each.stated)
        at_rest(lambda: versions(api, plan))
        yield plan
        applier.down(plan)


def versions(api: Api, plan: dict[str, Step]) -> dict[str, str]:
    found = {name: api.live(each.stated) for name, each in plan.items()}
    return {name: each["metadata"]["resourceVersion"] for name, each in found.items() if each}


def test_d1_what_is_live_comes_into_the_state_and_nothing_is_written(
    api: Api, kubeconfig: Path, plan: dict[str, Step], tmp_path: Path
) -> None:
    engine, before = Engine(tmp_path, kubeconfig), versions(api, plan)
    engine.run("up")
    assert versions(api, plan) == before
    resources = engine.resources()
    for name, step in plan.items():
        stored = resources[name]
        assert stored["inputs"] == stored["outputs"]["__inputs"]
        assert stored["inputs"]["metadata"] == step.stated["metadata"]
        assert stored["outputs"]["metadata"]["uid"]
        assert stored["outputs"]["__fieldManager"] == "ack-platform"
    again = engine.run("preview")
    assert {each.op for each in again.steps if not each.is_stack} <= {"same", "read"}


def test_d1_an_object_that_is_missing_or_different_is_refused_and_nothing_is_written(
    api: Api, kubeconfig: Path, plan: dict[str, Step], tmp_path: Path
) -> None:
    engine = Engine(tmp_path, kubeconfig)
    engine.project.edit({"services.gateway.replicas": 7, "services.study.names": {"deployment": "study-2"}})
    before = versions(api, plan)
    with pytest.raises(RefusedError) as failed:
        engine.run("up")
    said = str(failed.value)
    assert "Deployment prod/gateway is not as the stack file states it: " in said
    assert "spec.replicas" in said
    assert "Deployment prod/study-2 is not in the cluster" in said
    assert versions(api, plan) == before
    assert json.dumps(engine.resources())


def test_d4_what_was_ejected_comes_into_the_state_again_and_nothing_is_written(
    api: Api, kubeconfig: Path, plan: dict[str, Step], tmp_path: Path
) -> None:
    engine, before = Engine(tmp_path, kubeconfig), versions(api, plan)
    engine.run("up")
    taken = engine.resources()
    state_of_stack = StackState(engine.run_command, STACK)
    state_of_stack.drop(state_of_stack.export())
    assert engine.resources() == {}
    engine.run("up")
    assert {name: each["inputs"] for name, each in engine.resources().items() if name in plan} == {
        name: each["inputs"] for name, each in taken.items() if name in plan
    }
    assert plan.keys() <= engine.resources().keys()
    assert versions(api, plan) == before
