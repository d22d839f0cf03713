"""Parts of a patch: what goes is then as the program makes it, and everything else stays as it was."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from components.manifests.patch import strategic_merge
from improvements.fragment import Field, as_far_as, fields_of, is_in, shown, without

POD: Field = ("deployment", "spec", "template", "spec")
BUILT: dict[str, Any] = {
    "kind": "Deployment",
    "spec": {
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
        "template": {
            "spec": {
                "containers": [
                    {"name": "app", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "ports": []}
                ],
                "volumes": [{"name": "data", "emptyDir": {}}],
            }
        },
    },
}
PATCH: dict[str, Any] = {
    "spec": {
        "strategy": {"rollingUpdate": {"maxSurge": "25%"}},
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "app",
                        "$setElementOrder/env": [{"name": "B"}, {"name": "A"}],
                        "env": [{"name": "A", "value": "9"}, {"name": "B", "$patch": "delete"}],
                    },
                    {"name": "ships", "image": "x"},
                ],
                "volumes": [{"name": "old", "hostPath": {"path": "/a"}}, {"name": "b"}, {"$patch": "replace"}],
            }
        },
    }
}


def left(*fields: Field) -> Any:
    """The built object with what is left of the patch."""
    patches = {"deployment": copy.deepcopy(PATCH)}
    without(patches, fields)
    return strategic_merge(BUILT, patches.get("deployment", {}))


def container(merged: Any) -> Any:
    return next(each for each in merged["spec"]["template"]["spec"]["containers"] if each["name"] == "app")


def test_a_field_goes_with_the_mappings_that_held_only_it() -> None:
    patches = {"deployment": copy.deepcopy(PATCH)}
    without(patches, [("deployment", "spec", "strategy", "rollingUpdate", "maxSurge")])
    assert "strategy" not in patches["deployment"]["spec"]
    assert left(("deployment", "spec", "strategy"))["spec"]["strategy"] == BUILT["spec"]["strategy"]


def test_a_change_and_a_removal_of_an_element_go_by_its_merge_key() -> None:
    env = (*POD, "containers", "app", "env")
    assert container(left((*env, "A")))["env"] == [{"name": "A", "value": "1"}]
    assert {each["name"] for each in container(left((*env, "B")))["env"]} == {"A", "B"}
    assert container(left((*env, "A"), (*env, "B"))) == container(BUILT)


def test_a_star_stands_for_every_element() -> None:
    assert container(left((*POD, "containers", "*", "env"))) == container(BUILT)
    assert is_in(("a", "b", "c"), [("a", "*")])
    assert not is_in(("a",), [("a", "*")])


def test_an_element_of_a_whole_list_goes_as_one_and_never_in_part() -> None:
    volumes = (*POD, "volumes")
    kept = left((*volumes, "old"))["spec"]["template"]["spec"]["volumes"]
    assert kept == [{"name": "b"}]
    assert left((*volumes, "old", "hostPath")) == left()


def test_the_last_element_of_a_whole_list_takes_the_list_with_it() -> None:
    volumes = (*POD, "volumes")
    merged = left((*volumes, "old"), (*volumes, "b"))
    assert merged["spec"]["template"]["spec"]["volumes"] == BUILT["spec"]["template"]["spec"]["volumes"]


def test_without_its_mark_a_whole_list_is_merged() -> None:
    merged = left((*POD, "volumes", "$patch"), (*POD, "volumes", "b"))
    assert [each["name"] for each in merged["spec"]["template"]["spec"]["volumes"]] == ["old", "data"]


def test_a_patch_without_anything_goes_as_a_whole() -> None:
    patches = {"deployment": copy.deepcopy(PATCH), "service": {"spec": {"type": None}}}
    without(patches, [("deployment",), ("deployment", "spec")])
    assert patches == {"service": {"spec": {"type": None}}}


def test_every_field_is_named_once_and_taking_all_of_them_leaves_none() -> None:
    fields = list(fields_of({"deployment": PATCH}))
    assert len(fields) == len(set(fields)) == 8
    patches = {"deployment": copy.deepcopy(PATCH)}
    without(patches, fields)
    assert patches == {}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ((*POD, "containers", "app", "env", "A"), "deployment: spec.template.spec.containers[app].env[A]"),
        (("service", "metadata", "labels", "a.b/c"), "service: metadata.labels[a.b/c]"),
        ((*POD, "volumes", "$patch"), "deployment: spec.template.spec.volumes[$patch]"),
    ],
)
def test_a_field_is_shown_as_people_write_it(field: Field, text: str) -> None:
    assert shown(field) == text


def test_what_is_new_is_one_thing_however_much_is_in_it() -> None:
    assert as_far_as((*POD, "initContainers", "r", "env", "A", "value"), BUILT) == (*POD, "initContainers")
    assert as_far_as((*POD, "containers", "r", "env"), BUILT) == (*POD, "containers", "r")
    assert as_far_as((*POD, "containers", "app", "env", "A", "value"), BUILT)[-1] == "value"
