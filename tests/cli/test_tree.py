"""The tree of changes, made from events as the engine sends them."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation.events import EngineEvent
from rich.console import Console

from cli.tree import counting, summary, tree
from sandbox.changes import Changes

STACK = "urn:pulumi:uat::ack-platform::pulumi:pulumi:Stack::ack-platform-uat"
SERVICE = "urn:pulumi:uat::ack-platform::ack-platform:index:SpringService::gateway"
DEPLOYMENT = SERVICE.replace("::gateway", "$kubernetes:apps/v1:Deployment::gateway-deployment")
CONFIG_MAP = SERVICE.replace("::gateway", "$kubernetes:core/v1:ConfigMap::gateway-files")
OTHER = SERVICE.replace("gateway", "order")


def event(urn: str, op: str, parent: str = "", kind: str = "resOutputsEvent", **more: Any) -> EngineEvent:
    kind_of_resource = urn.split("::")[2].rpartition("$")[2]
    state = {"type": kind_of_resource, "urn": urn, "id": "", "parent": parent, "provider": "", "inputs": {}}
    state["outputs"] = {}
    metadata = {"op": op, "urn": urn, "type": kind_of_resource, "provider": "", "new": state, **more}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, kind: {"metadata": metadata}})


def diagnostic(message: str, severity: str = "error", urn: str = "") -> EngineEvent:
    said = {"message": message, "color": "never", "severity": severity, "urn": urn}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": said})


def collected(*events: EngineEvent) -> Changes:
    changes = Changes()
    for each in events:
        changes(each)
    return changes


def drawn(changes: Changes) -> list[str]:
    console = Console(width=10_000)
    with console.capture() as captured:
        console.print(tree(changes, "uat"))
    return captured.get().splitlines()


def test_resources_stand_below_their_component_with_their_mark() -> None:
    changes = collected(
        event(STACK, "create"),
        event(SERVICE, "create", STACK),
        event(CONFIG_MAP, "create", SERVICE),
        event(DEPLOYMENT, "update", SERVICE, detailedDiff={"spec.replicas": {"diffKind": "update", "inputDiff": True}}),
    )
    assert drawn(changes) == [
        "uat",
        "└── + SpringService gateway",
        "    ├── ~ Deployment gateway-deployment  spec.replicas",
        "    └── + ConfigMap gateway-files",
    ]


def test_what_stays_as_it_is_appears_only_above_what_changes() -> None:
    changes = collected(
        event(STACK, "same", kind="resourcePreEvent"),
        event(OTHER, "same", STACK, kind="resourcePreEvent"),
        event(SERVICE, "same", STACK, kind="resourcePreEvent"),
        event(DEPLOYMENT, "delete", SERVICE),
    )
    assert drawn(changes) == ["uat", "└──   SpringService gateway", "    └── - Deployment gateway-deployment"]
    assert changes.changed
    assert summary(changes, 1.25) == "1 deleted, 2 unchanged, in 1.2 s"


@pytest.mark.parametrize(
    "steps",
    [("create-replacement", "replace", "delete-replaced"), ("delete-replaced", "replace", "create-replacement")],
)
def test_a_replacement_is_one_step(steps: tuple[str, ...]) -> None:
    changes = collected(event(SERVICE, "same", STACK), *(event(CONFIG_MAP, op, SERVICE) for op in steps))
    assert drawn(changes)[-1] == "    └── ± ConfigMap gateway-files"
    assert counting(changes) == "resources: 1 replaced, 1 unchanged"
    assert summary(changes, 2, planned=True) == "1 to replace, 1 unchanged, in 2.0 s"


def test_the_engines_own_echoes_of_an_error_are_left_out() -> None:
    changes = collected(
        diagnostic("<{%reset%}>no room<{%reset%}>", urn=DEPLOYMENT),
        diagnostic("error: no room", urn=DEPLOYMENT),
        diagnostic("<{%fg 1%}>update failed<{%reset%}>", urn=STACK),
        diagnostic("python inline source runtime error: odd\nTraceback (most recent call last):\n  File"),
        diagnostic("an unhandled error occurred: python inline source runtime error: odd"),
        diagnostic("careful", severity="warning"),
        diagnostic("chatter", severity="info"),
    )
    assert [(error.resource if error.urn else "", error.message) for error in changes.errors] == [
        ("kubernetes:apps/v1:Deployment gateway-deployment", "no room"),
        ("", "odd"),
    ]
    assert [warning.message for warning in changes.warnings] == ["careful"]
