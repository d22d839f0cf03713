"""Patches: what may stand in one, what becomes of one on its way, and how much stands in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.manifests.objects import objects_of
from components.manifests.patch import patch_between
from components.manifests.platform import platform_objects
from config import CATALOGUE, Problem, SettingsError, StackSettings, load, read_stack
from config.files import read_yaml
from config.merge_keys import MERGE_KEYS
from config.patch import KINDS
from tests.config.changes import ROOT, changed, load_changed
from tests.config.refusal import Refusal, refusals
from tests.manifests import shapes
from tests.manifests.made_up import objects as made_up
from tests.manifests.schemas import NEWEST

PATCH = "services.gateway.patch"
DEPLOYMENT = f"{PATCH}.deployment"
POD = f"{DEPLOYMENT}.spec.template.spec"


@refusals(
    Refusal(
        "a role that no service has",
        {f"{PATCH}.deploymnt": {"spec": {}}},
        f"{PATCH}.deploymnt",
        "a mapping with spec",
        "must be a known key",
        'did you mean "deployment"?',
    ),
    Refusal(
        "a patch that is no mapping",
        {f"{PATCH}.deployment": ["spec"]},
        f"{PATCH}.deployment",
        ["spec"],
        "must be a mapping of keys",
    ),
    Refusal(
        "an object that the service does not have",
        {"services.exam.patch.ingress": {"spec": {"tls": None}}},
        "services.exam.patch.ingress",
        rule="must be of an object that the service has",
        mend="set services.exam.ingress, or remove the patch",
    ),
    Refusal(
        "another kind",
        {f"{DEPLOYMENT}.kind": "StatefulSet"},
        f"{DEPLOYMENT}.kind",
        rule="must not change kind",
        mend="remove it",
    ),
    Refusal(
        "another version",
        {f"{PATCH}.service.apiVersion": "v2"},
        f"{PATCH}.service.apiVersion",
        rule="must not change apiVersion",
    ),
    Refusal(
        "another name of the Deployment",
        {f"{DEPLOYMENT}.metadata.name": "other"},
        f"{DEPLOYMENT}.metadata.name",
        rule="must not change metadata.name",
        mend="use services.gateway.names.deployment",
    ),
    Refusal(
        "another name of the Ingress",
        {f"{PATCH}.ingress.metadata.name": "other"},
        f"{PATCH}.ingress.metadata.name",
        rule="must not change metadata.name",
        mend="use services.gateway.ingress.name",
    ),
    Refusal(
        "another namespace",
        {f"{PATCH}.service.metadata.namespace": "other"},
        f"{PATCH}.service.metadata.namespace",
        rule="must not change metadata.namespace",
        mend="use environment.namespace.name",
    ),
    Refusal(
        "another selector, inside it",
        {f"{DEPLOYMENT}.spec.selector.matchLabels.app": "other"},
        f"{DEPLOYMENT}.spec.selector",
        rule="must not change spec.selector",
        mend="use services.gateway.selectorLabels",
    ),
    Refusal(
        "no specification at all",
        {f"{DEPLOYMENT}.spec": None},
        f"{DEPLOYMENT}.spec",
        rule="must not change spec.selector",
    ),
    Refusal(
        "all metadata replaced",
        {f"{PATCH}.service.metadata": {"$patch": "replace", "labels": {"a": "b"}}},
        f"{PATCH}.service.metadata.$patch",
        rule="must not change metadata.name",
    ),
    Refusal(
        "the field manager",
        {f"{PATCH}.service.metadata.annotations": {"pulumi.com/patchFieldManager": None}},
        f'{PATCH}.service.metadata.annotations["pulumi.com/patchFieldManager"]',
        rule="must not change metadata.annotations",
        mend="the same field manager",
    ),
    Refusal(
        "what the API server writes",
        {f"{DEPLOYMENT}.metadata.resourceVersion": "17"},
        f"{DEPLOYMENT}.metadata.resourceVersion",
        rule="must not change metadata.resourceVersion",
        mend="remove it: the API server writes it",
    ),
    Refusal(
        "an element without its merge key",
        {f"{POD}.containers": [{"image": "example.com/a:1"}]},
        f"{POD}.containers[0]",
        rule="must be a mapping with name, by which this list is merged",
        mend="name: …",
    ),
    Refusal(
        "a mapping for a list",
        {f"{POD}.volumes": {"data": {"emptyDir": {}}}},
        f"{POD}.volumes",
        rule="must be a list",
        mend="start each item with '- name: …'",
    ),
    Refusal(
        "a misspelt directive",
        {f"{POD}.volumes": [{"name": "data", "$patch": "remove"}]},
        f"{POD}.volumes[0].$patch",
        "remove",
        "must be replace or delete",
    ),
    Refusal(
        "an unknown directive",
        {f"{POD}.$retainKeys": ["volumes"]},
        f"{POD}.$retainKeys",
        rule="must be a directive that is known here",
    ),
    Refusal(
        "an element deleted of a list without a merge key",
        {f"{POD}.tolerations": [{"key": "a", "$patch": "delete"}]},
        f"{POD}.tolerations[0].$patch",
        rule="it has no merge key, so it is replaced as a whole",
        mend="state the whole list",
    ),
    Refusal(
        "the order of a list without a merge key",
        {f"{POD}.$setElementOrder/tolerations": [{"key": "a"}]},
        f"{POD}.$setElementOrder/tolerations",
        rule="must be the order of a list that has a merge key",
        mend="state the whole list instead",
    ),
    Refusal(
        "an order without merge keys",
        {f"{POD}.$setElementOrder/volumes": ["data"]},
        f"{POD}.$setElementOrder/volumes",
        rule="must be a list of mappings with name",
        mend="- name: …",
    ),
    Refusal(
        "an order that leaves a new element out",
        {f"{POD}.volumes": [{"name": "new", "emptyDir": {}}], f"{POD}.$setElementOrder/volumes": [{"name": "data"}]},
        f"{POD}.$setElementOrder/volumes",
        rule="must name new too",
        mend="- name: new",
    ),
    Refusal(
        "pull Secrets that are merged",
        {f"{POD}.imagePullSecrets": [{"name": "other"}]},
        f"{POD}.imagePullSecrets",
        rule="must be the whole list",
        mend="add the item '- $patch: replace'",
    ),
    Refusal(
        "a variable twice, which the API server applies never",
        {f"{POD}.containers": [{"name": "gateway", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}]},
        f"{POD}.containers[0].env[1]",
        rule="must not state A twice: server-side apply refuses it",
        mend="the last is in force",
    ),
    Refusal(
        "a container that the settings call otherwise now",
        {"services.gateway.names.container": "app", f"{POD}.containers": [{"name": "gateway", "tty": True}]},
        f"{POD}.containers[0]",
        rule="must state image: the settings make no element with name gateway",
        mend="name: app, or image: …",
    ),
    Refusal(
        "an element for the sidecar of a pod that has none",
        {"services.gateway.registration.mode": "none", f"{POD}.initContainers": [{"name": "registration"}]},
        f"{POD}.initContainers[0]",
        rule="must state image",
        mend="image: …",
    ),
    Refusal(
        "the whole list of containers, without an image",
        {f"{POD}.containers": [{"$patch": "replace"}, {"name": "gateway", "tty": True}]},
        f"{POD}.containers[1]",
        rule="must state image",
    ),
    Refusal(
        "a port that the settings number otherwise now",
        {"services.gateway.service.port": 80, f"{PATCH}.service.spec.ports": [{"port": 8080, "name": None}]},
        f"{PATCH}.service.spec.ports[0]",
        rule="must state name: the settings make no element with port 8080",
        mend="port: 80, or name: …",
    ),
)
def test_what_cannot_be_applied_is_refused(refusal: Refusal) -> None:
    refusal.check()


def test_an_element_that_the_settings_make_and_a_whole_new_one_are_accepted() -> None:
    containers = [{"name": "gateway", "tty": True}, {"name": "agent", "image": "example.com/agent:1"}]
    ports = [{"port": 8080, "$patch": "delete"}, {"port": 81, "name": "metrics"}]
    accepted = load_changed(
        {
            f"{POD}.containers": containers,
            f"{POD}.initContainers": [{"name": "registration", "tty": True}],
            f"{PATCH}.service.spec.ports": ports,
        }
    )
    made = objects_of(accepted, "gateway")
    assert [each["name"] for each in made["deployment"]["spec"]["template"]["spec"]["containers"]] == [
        "gateway",
        "agent",
    ]
    assert [each["name"] for each in made["service"]["spec"]["ports"]] == ["metrics"]


def test_one_port_for_tcp_and_udp_is_accepted() -> None:
    ports = [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}, {"$patch": "replace"}]
    accepted = load_changed({f"{POD}.containers": [{"name": "gateway", "ports": ports}]})
    gateway = objects_of(accepted, "gateway")["deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert gateway["ports"] == ports[:2]


@pytest.mark.parametrize("name", [name for name, _ in shapes.single(NEWEST)])
def test_a_patch_is_taken_exactly_for_the_objects_that_the_service_has(name: str) -> None:
    stated = shapes.shape(NEWEST, dict(shapes.single(NEWEST))[name])
    placed = {each.title().replace("-", "") for each in objects_of(stated, "gateway")}
    for role in KINDS:
        patch = {"metadata": {"annotations": {"example.com/patched": role}}}
        try:
            accepted = shapes.shape(NEWEST, {**dict(shapes.single(NEWEST))[name], f"{PATCH}.{role}": patch})
        except SettingsError:
            assert role[0].upper() + role[1:] not in placed
            continue
        found = [
            each
            for each in objects_of(accepted, "gateway").values()
            if each["metadata"]["annotations"].get("example.com/patched") == role
        ]
        assert [each["kind"] for each in found] == [KINDS[role]]


def merged(catalogue_patch: object, stack_patch: object) -> StackSettings:
    """The stack test with patches of its gateway in the catalogue and in the stack file."""
    catalogue, source = read_yaml(CATALOGUE), read_stack("test", ROOT)
    catalogue = replace(catalogue, values=changed(catalogue.values, {"gateway.patch": catalogue_patch}))
    source = replace(source, values=changed(source.values, {PATCH: stack_patch}))
    return load(source, catalogue, secrets="generated")


def test_catalogue_and_stack_are_merged_and_nulls_and_directives_stay() -> None:
    below = {"deployment": {"metadata": {"labels": {"a": None, "b": "1"}}, "spec": {"paused": None}}}
    above = {"deployment": {"metadata": {"labels": {"b": None}, "annotations": {"$patch": "replace", "c": "1"}}}}
    with pytest.raises(SettingsError, match=r"must not change metadata\.annotations"):
        merged(below, above)
    above = {"deployment": {"metadata": {"labels": {"b": None}}, "spec": {"strategy": {"$patch": "delete"}}}}
    assert merged(below, above).services["gateway"].patch.deployment == {
        "metadata": {"labels": {"a": None, "b": None}},
        "spec": {"paused": None, "strategy": {"$patch": "delete"}},
    }


def test_a_stack_takes_a_patch_of_the_catalogue_back_by_null() -> None:
    assert merged({"deployment": {"spec": {"paused": True}}}, {"deployment": None}).patched_fields == {}


@pytest.mark.parametrize(
    ("patch", "fields"),
    [
        ({"deployment": {}}, 0),
        ({"deployment": {"metadata": {"labels": {"a": None, "b": "1"}}}}, 2),
        ({"deployment": {"spec": {"strategy": {"$patch": "delete"}}}}, 1),
        ({"service": {"spec": {"ports": [{"port": 80, "name": "web", "appProtocol": "http"}]}}}, 2),
        ({"service": {"spec": {"ports": [{"port": 8080}, {"port": 81, "$patch": "delete"}]}}}, 2),
        ({"service": {"spec": {"ports": [{"port": 80, "name": "web"}, {"$patch": "replace"}]}}}, 1),
        ({"ingress": {"spec": {"rules": [{"host": "a.example.com"}, {"host": "b.example.com"}]}}}, 1),
        ({"deployment": {"spec": {"paused": True}}, "service": {"spec": {"type": "NodePort"}}}, 2),
    ],
)
def test_the_debt_is_the_number_of_fields(patch: object, fields: int) -> None:
    assert load_changed({PATCH: patch}).services["gateway"].patch.fields == fields


@pytest.mark.parametrize("pull_secret", [{}, {"environment.pullSecret": None}], ids=["pull Secret", "none"])
def test_the_patch_to_any_live_deployment_is_accepted_and_makes_it(pull_secret: dict[str, object]) -> None:
    built = objects_of(load_changed(pull_secret), "gateway")["deployment"]
    same: list[Mapping[str, Any]] = []

    @given(made_up("Deployment"))
    def run(drawn: Mapping[str, Any]) -> None:
        live = {**built, "spec": {**drawn["spec"], "selector": built["spec"]["selector"]}}
        changes = {**pull_secret, DEPLOYMENT: patch_between(built, live)}
        problems = refused(changes)
        assert all("twice: server-side apply refuses it" in each.rule for each in problems), problems
        if not problems:
            assert objects_of(load_changed(changes), "gateway")["deployment"] == live
            same.append(drawn)

    run()
    assert len(same) > 100, "so few are accepted that little was tried"


PARTS = sorted({part for paths in MERGE_KEYS.values() for path in paths for part in path.split(".")})
WORDS = (*PARTS, "$patch", "$setElementOrder/containers", "$setElementOrder/env", "name", "port", "mountPath", "labels")
VALUES = st.none() | st.sampled_from(["delete", "replace", "gateway", "data", 80, True])
KEYED = st.fixed_dictionaries({"name": st.sampled_from(["gateway", "data", "new"]), "port": st.sampled_from([80, 81])})


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    mappings = st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    elements = st.builds(lambda element, more: {**more, **element}, KEYED, mappings)
    return mappings | st.lists(elements, max_size=3) | st.lists(inner, max_size=2)


def test_whatever_patch_the_settings_accept_is_merged() -> None:
    accepted: list[object] = []

    @given(
        st.sampled_from([f"{PATCH}.service.spec", POD]),
        st.dictionaries(st.sampled_from(WORDS), st.recursive(VALUES, _deeper, max_leaves=8), min_size=1, max_size=3),
    )
    def run(path: str, patch: Mapping[str, Any]) -> None:
        problems = refused({path: patch})
        assert all(each.path.startswith(f"ack-platform:{PATCH}") for each in problems)
        if not problems:
            list(platform_objects(load_changed({path: patch})))
            accepted.append(patch)

    run()
    assert len(accepted) > 30, "so few patches are accepted that little was merged"


def refused(changes: Mapping[str, Any]) -> Sequence[Problem]:
    try:
        load_changed(changes)
    except SettingsError as error:
        return error.problems
    return ()
