"""A state taken apart: what gets a file, what only a line, and in which order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from components.manifests.platform import ALB_ID, MOUNT_TARGET, platform_objects
from eject.deployment import Deployment, read
from eject.folder import write
from sandbox.problem import SandboxError
from tests.cluster.program import steps
from tests.eject.state import exported
from tests.program.stacks import FOLDERS, record, secret, shipped
from tests.settings import ROOT

stacks = pytest.mark.parametrize("stack", FOLDERS)


def state(stack: str) -> Deployment:
    return read(stack, exported(record(stack)))


@stacks
def test_the_files_are_what_render_writes_with_what_is_known_only_after_creation(stack: str) -> None:
    result = record(stack).result
    text = json.dumps([each for each in platform_objects(shipped(stack)) if each["kind"] != "Secret"])
    for placeholder, known in ((ALB_ID, result["alb"]["id"]), (MOUNT_TARGET, result["nas"]["mountTarget"])):
        text = text.replace(placeholder, known or placeholder)
    rendered = {(each["kind"], each["metadata"]["name"]): each for each in json.loads(text)}
    written = {(each["kind"], each["metadata"]["name"]): each for each in state(stack).objects}
    assert written.keys() == rendered.keys()
    for key, each in rendered.items():
        annotations = each["metadata"]["annotations"]
        for name in [name for name in annotations if name.startswith("pulumi.com/")]:
            del annotations[name]
        assert {**written[key]["metadata"], "annotations": written[key]["metadata"].get("annotations", {})} == each.pop(
            "metadata"
        )
        assert {name: value for name, value in written[key].items() if name != "metadata"} == each


@stacks
def test_each_object_comes_after_all_that_it_needs(stack: str) -> None:
    plan = steps(record(stack))
    position = {(each["kind"], each["metadata"]["name"]): number for number, each in enumerate(state(stack).objects)}
    pairs = 0
    for step in plan.values():
        for needed in (plan[name].stated for name in step.after):
            keys = [(each["kind"], each["metadata"]["name"]) for each in (needed, step.stated)]
            if all(key in position for key in keys):
                assert position[keys[0]] < position[keys[1]], keys
                pairs += 1
    assert pairs > 5


def test_the_names_of_the_files_keep_the_order(tmp_path: Path) -> None:
    """`kubectl apply -f` takes a folder's files by name."""
    found = state("uat")
    write(tmp_path, found, backup=None)
    files = sorted((tmp_path / "objects").iterdir())
    assert [yaml.safe_load(each.read_text(encoding="utf-8")) for each in files] == list(found.objects)


def test_what_is_in_the_account_is_listed_and_what_is_given_is_no_part_of_it() -> None:
    found = state("test")
    assert {each.type.rpartition(":")[2] for each in found.cloud} == {
        "LoadBalancer",
        "KubernetesAddon",
        "AccessGroup",
        "AccessRule",
        "FileSystem",
        "MountTarget",
    }
    assert [(each.name, each.namespace, each.version) for each in found.releases] == [
        ("ack-extend-network-controller", "kube-system", "0.13.0")
    ]
    assert "//ack" not in found.releases[0].chart
    assert found.given == ()
    given = state("prod")
    assert given.cloud == ()
    assert {each.type.rpartition(":")[2] for each in given.given} >= {"Namespace", "PersistentVolumeClaim", "Secret"}
    assert {"Namespace", "PersistentVolumeClaim", "Secret"} & {each["kind"] for each in given.objects} == set()


def test_no_secret_is_in_what_is_read(tmp_path: Path) -> None:
    found = state("uat")
    assert {each["metadata"]["name"] for each in found.secrets} == {"acr-credentials", "nacos-credentials"}
    assert all("data" not in each for each in found.secrets)
    write(tmp_path, found, backup=None)
    for path in [each for each in tmp_path.rglob("*") if each.is_file()]:
        text = path.read_text(encoding="utf-8")
        assert "ciphertext" not in text, path
        assert secret("registryPassword") not in text, path
        assert "kind: Secret" not in text, path


def test_any_object_with_an_encrypted_value_gets_no_file() -> None:
    document = json.loads(exported(record("uat")))
    config = next(each for each in document["deployment"]["resources"] if each["type"].endswith(":ConfigMap"))
    config["inputs"]["data"] = {"password": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}}
    found = read("uat", json.dumps(document))
    name = config["inputs"]["metadata"]["name"]
    assert name in {each["metadata"]["name"] for each in found.secrets}
    assert name not in {each["metadata"]["name"] for each in found.objects}


def test_a_secret_gets_no_file_although_its_values_are_plain_and_what_only_names_one_gets_its_own() -> None:
    document = json.loads(exported(record("uat")))
    resources = document["deployment"]["resources"]
    secret = next(each for each in resources if each["type"].endswith(":Secret"))
    secret["inputs"]["data"] = {"password": "cGxhaW4="}
    role = next(each for each in resources if each["type"].endswith(":RoleBinding"))
    role["inputs"]["subjects"].append({"kind": "Secret", "name": "named"})
    found = read("uat", json.dumps(document))
    assert len(found.secrets) == 2
    assert "cGxhaW4=" not in repr(found)
    assert role["inputs"]["metadata"]["name"] in {
        each["metadata"]["name"] for each in found.objects if each["kind"] == "RoleBinding"
    }


def test_what_an_operation_was_cut_off_at_is_named() -> None:
    text = exported(record("test"), pending=("nas-file-system",), admin_deployment={"delete": True})
    found = read("test", text)
    assert [(each.name, each.id) for each in found.unfinished] == [
        ("nas-file-system", ""),
        ("admin-deployment", "id-of-admin-deployment"),
    ]
    assert "nas-file-system" not in {each.name for each in found.cloud}
    assert ("Deployment", "admin") not in {(each["kind"], each["metadata"]["name"]) for each in found.objects}


def test_the_order_of_the_state_makes_no_difference() -> None:
    document = json.loads(exported(record("test")))
    document["deployment"]["resources"].reverse()
    assert read("test", json.dumps(document)) == state("test")


@pytest.mark.parametrize("text", ["", "{}", '{"deployment": {"resources": [{}]}}', "[1]"])
def test_what_is_no_state_is_one_clear_report(text: str) -> None:
    with pytest.raises(SandboxError, match="The state of the stack uat cannot be understood"):
        read("uat", text)


def test_a_state_without_anything_is_empty() -> None:
    for deployment in ("null", "{}", '{"resources": null}', '{"resources": []}'):
        assert read("uat", f'{{"version": 3, "deployment": {deployment}}}').count == 0


def test_the_page_is_filled_in_completely(tmp_path: Path) -> None:
    write(tmp_path, state("test"), backup=None)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "$" not in text
    assert "| alicloud:nas/fileSystem:FileSystem | nas-file-system | `id-of-nas-file-system` |" in text
    assert "--from-file=.dockerconfigjson=FILE" in text
    assert "\n\n\n" not in text
    assert ROOT.as_posix() not in text
