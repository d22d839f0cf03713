"""`ackp render` and the program say the same: one builder for each object, two ways to use it."""

from typing import Any

import pytest

from components.manifests.platform import ALB_ID, MASKED, MOUNT_TARGET, helm_releases, platform_objects
from components.manifests.pull_secret import docker_config, encoded
from tests.program.stacks import FOLDERS, record, secret, shipped
from tests.recorder import Secret


def registered(stack: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The Kubernetes objects that the program registers, by kind and name, with secrets in the clear."""
    return {
        (each.inputs["kind"], each.inputs["metadata"]["name"]): _plain(each.inputs)
        for each in record(stack).resources
        if each.type.startswith("kubernetes:") and each.read_id is None and not each.type.endswith(":Release")
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def rendered(stack: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What `ackp render` writes, each placeholder replaced by what the program got."""
    settings, recording = shipped(stack), record(stack)
    server, username = settings.registry.server, settings.registry.username or ""
    known = {
        encoded(docker_config(server, username, MASKED)): encoded(
            docker_config(server, username, secret("registryPassword"))
        ),
        encoded(MASKED): encoded(secret("nacosPassword")),
    }
    if recording.result["alb"]["id"]:
        known[ALB_ID] = recording.result["alb"]["id"]
    if recording.result["nas"]["mountTarget"]:
        known[MOUNT_TARGET] = recording.result["nas"]["mountTarget"]

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        return known.get(value, value) if isinstance(value, str) else value

    return {(each["kind"], each["metadata"]["name"]): filled(each) for each in platform_objects(settings)}


@pytest.mark.parametrize("stack", FOLDERS)
def test_the_program_registers_exactly_what_is_rendered(stack: str) -> None:
    program, files = registered(stack), rendered(stack)
    assert set(program) == set(files)
    for key, expected in files.items():
        assert program[key] == expected, key


@pytest.mark.parametrize("stack", FOLDERS)
def test_the_program_installs_exactly_the_rendered_helm_releases(stack: str) -> None:
    installed = [
        (each.inputs["name"], each.inputs["namespace"], each.inputs["values"])
        for each in record(stack).of_type("Release")
    ]
    assert installed == [(each.name, each.namespace, each.values) for each in helm_releases(shipped(stack))]


def test_the_placeholders_are_used_where_a_value_is_known_only_after_creation() -> None:
    texts = repr(list(platform_objects(shipped("test"))))
    assert ALB_ID in texts
    assert MOUNT_TARGET in texts
    for stack in ("uat", "prod"):
        texts = repr(list(platform_objects(shipped(stack))))
        assert ALB_ID not in texts
        assert MOUNT_TARGET not in texts
