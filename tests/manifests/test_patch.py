"""The strategic merge patch between two objects, and its way back."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.manifests.patch import PatchError, patch_between, strategic_merge
from tests.manifests.made_up import KINDS, Object, objects, pairs

REPLACE = {"$patch": "replace"}


def pod(**fields: Any) -> Object:
    return {"kind": "Deployment", "spec": {"template": {"spec": fields}}}


def app(**lists: Any) -> Object:
    return pod(containers=[{"name": "app", **lists}])


def service(*ports: Object) -> Object:
    return {"kind": "Service", "spec": {"ports": list(ports)}}


def named(*names: str) -> list[Object]:
    return [{"name": name} for name in names]


@given(pairs())
def test_a_patch_makes_one_object_of_another(pair: tuple[Object, Object]) -> None:
    old, new = pair
    before = copy.deepcopy(pair)
    patch = patch_between(old, new)
    assert (patch is None) == (old == new)
    assert strategic_merge(old, patch or {}) == new
    assert pair == before, "what was compared is not what it was"


@given(st.sampled_from(KINDS).flatmap(objects), st.sampled_from("abc"))
def test_a_changed_label_is_a_patch_of_that_label_alone(changed: Object, name: str) -> None:
    old = copy.deepcopy(changed)
    labels = old["metadata"].setdefault("labels", {})
    labels[name] = "x"
    changed["metadata"]["labels"] = {**labels, name: "y"}
    assert patch_between(old, changed) == {"metadata": {"labels": {name: "y"}}}
    del changed["metadata"]["labels"][name]
    assert patch_between(old, changed) == {"metadata": {"labels": {name: None}}}


CASES: dict[str, tuple[Object, Object, Object]] = {
    "null removes a key": (
        {"kind": "Deployment", "spec": {"replicas": 2, "paused": False}},
        {"kind": "Deployment", "spec": {"paused": False}},
        {"spec": {"replicas": None}},
    ),
    "an element says its merge key and what differs": (
        app(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], image="app:1"),
        app(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "3"}], image="app:1"),
        {"spec": {"template": {"spec": {"containers": [{"name": "app", "env": [{"name": "B", "value": "3"}]}]}}}},
    ),
    "an element is deleted by its merge key": (
        app(volumeMounts=[{"mountPath": "/a", "name": "a"}, {"mountPath": "/b", "name": "b"}]),
        app(volumeMounts=[{"mountPath": "/b", "name": "b"}]),
        {
            "spec": {
                "template": {
                    "spec": {"containers": [{"name": "app", "volumeMounts": [{"$patch": "delete", "mountPath": "/a"}]}]}
                }
            }
        },
    ),
    "a new element comes first, as on the server": (
        pod(volumes=named("a")),
        pod(volumes=named("b", "a")),
        {"spec": {"template": {"spec": {"volumes": named("b")}}}},
    ),
    "a new element elsewhere needs the order": (
        pod(volumes=named("a")),
        pod(volumes=named("a", "b")),
        {"spec": {"template": {"spec": {"$setElementOrder/volumes": named("a", "b"), "volumes": named("b")}}}},
    ),
    "another order alone is a patch": (
        pod(initContainers=named("a", "b")),
        pod(initContainers=named("b", "a")),
        {"spec": {"template": {"spec": {"$setElementOrder/initContainers": named("b", "a")}}}},
    ),
    "a list without a merge key is replaced": (
        pod(tolerations=[{"key": "a"}, {"key": "b"}]),
        pod(tolerations=[{"key": "b"}]),
        {"spec": {"template": {"spec": {"tolerations": [{"key": "b"}]}}}},
    ),
    "ports of a container that share a number are replaced": (
        app(ports=[{"containerPort": 53, "protocol": "TCP"}]),
        app(ports=[{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}]),
        {
            "spec": {
                "template": {
                    "spec": {
                        "containers": [
                            {
                                "name": "app",
                                "ports": [
                                    {"containerPort": 53, "protocol": "TCP"},
                                    {"containerPort": 53, "protocol": "UDP"},
                                    REPLACE,
                                ],
                            }
                        ]
                    }
                }
            }
        },
    ),
    "a Service's ports are found by their number": (
        service({"port": 80, "name": "http"}, {"port": 443, "name": "https"}),
        service({"port": 80, "name": "web"}, {"port": 443, "name": "https"}),
        {"spec": {"ports": [{"port": 80, "name": "web"}]}},
    ),
    "a list that is emptied is replaced by nothing": (
        pod(hostAliases=[{"ip": "10.0.0.1"}]),
        pod(hostAliases=[]),
        {"spec": {"template": {"spec": {"hostAliases": [REPLACE]}}}},
    ),
    "pull Secrets are stated as a whole": (
        pod(imagePullSecrets=named("a", "b")),
        pod(imagePullSecrets=named("a")),
        {"spec": {"template": {"spec": {"imagePullSecrets": [{"name": "a"}, REPLACE]}}}},
    ),
    "a budget's selector is replaced": (
        {"kind": "PodDisruptionBudget", "spec": {"selector": {"matchLabels": {"a": "1", "b": "1"}}}},
        {"kind": "PodDisruptionBudget", "spec": {"selector": {"matchLabels": {"a": "1"}}}},
        {"spec": {"selector": {"matchLabels": {"a": "1"}}}},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_patch_is_the_smallest_in_the_servers_own_vocabulary(case: str) -> None:
    old, new, patch = CASES[case]
    assert patch_between(old, new) == patch
    assert strategic_merge(old, patch) == new


def test_a_null_of_a_live_object_is_the_same_as_no_key() -> None:
    live = {"kind": "Deployment", "spec": {"template": {"metadata": {"creationTimestamp": None, "labels": {}}}}}
    built = {"kind": "Deployment", "spec": {"template": {"metadata": {"labels": {}}}}}
    assert patch_between(live, built) is None
    assert patch_between(built, live) is None


def test_what_people_write_is_merged_as_the_server_does() -> None:
    built = app(image="app:1", env=[{"name": "A", "value": "1"}], resources={"limits": {"cpu": "1"}})
    patch = {
        "spec": {
            "paused": None,
            "template": {
                "spec": {
                    "nodeSelector": {"disk": "ssd", "zone": None},
                    "containers": [
                        {"name": "app", "resources": {"$patch": "replace", "requests": {"cpu": "1"}}},
                        {"name": "log", "image": "log:1", "env": None},
                        {"name": "gone", "$patch": "delete"},
                    ],
                }
            },
        }
    }
    assert strategic_merge(built, patch)["spec"]["template"]["spec"] == {
        "nodeSelector": {"disk": "ssd"},
        "containers": [
            {
                "name": "app",
                "image": "app:1",
                "env": [{"name": "A", "value": "1"}],
                "resources": {"requests": {"cpu": "1"}},
            },
            {"name": "log", "image": "log:1"},
        ],
    }


def test_what_is_known_only_after_creation_is_placed() -> None:
    class Later:
        """Nothing can be done with it."""

        __hash__ = None  # type: ignore[assignment] # not even be a key

        def __eq__(self, other: object) -> bool:
            raise AssertionError

    later = Later()
    built = pod(
        volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": later}}],
        imagePullSecrets=[{"name": later}],
    )
    merged = strategic_merge(built, {"spec": {"template": {"spec": {"volumes": named("data", "tmp")}}}})
    volumes = merged["spec"]["template"]["spec"]["volumes"]
    assert volumes[0]["persistentVolumeClaim"]["claimName"] is later
    assert merged["spec"]["template"]["spec"]["imagePullSecrets"][0]["name"] is later
    whole = {"spec": {"template": {"spec": {"imagePullSecrets": [{"name": "other"}, REPLACE]}}}}
    assert strategic_merge(built, whole)["spec"]["template"]["spec"]["imagePullSecrets"] == named("other")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"containers": [{"image": "app:2"}]},
            "spec.template.spec.containers: each element must be a mapping with name",
        ),
        ({"containers": ["app"]}, "spec.template.spec.containers: each element must be a mapping with name"),
        (
            {"containers": [{"$patch": "delete"}]},
            "spec.template.spec.containers: each element must be a mapping with name",
        ),
        ({"$patch": "merge"}, "spec.template.spec: $patch must be delete or replace; it is 'merge'"),
        (
            {"$setElementOrder/tolerations": ["a"]},
            "spec.template.spec.tolerations: $setElementOrder/tolerations is for",
        ),
    ],
)
def test_what_is_no_patch_is_refused_where_it_stands(fields: Object, words: str) -> None:
    with pytest.raises(PatchError) as refused:
        strategic_merge(app(image="app:1"), {"spec": {"template": {"spec": fields}}})
    assert words in str(refused.value)
