"""Our strategic merge patch against the API server's own: its merge keys, and the objects that it makes."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.manifests.metadata import Manifest
from components.manifests.objects import objects_of
from components.manifests.patch import patch_between, strategic_merge
from config.merge_keys import APPLY_KEYS, MERGE_KEYS, REPLACED
from tests.cluster.api import STRATEGIC, Api, ApiException, Object
from tests.settings import settings as stack_settings

ROLES = ("deployment", "service", "ingress", "autoscaler", "disruption-budget", "service-account", "network-policy")
NOT_STATED = ("finalizers", "ownerReferences")
"""Lists of metadata that the API merges, and that no object of a service states."""


def built(role: str) -> Manifest:
    """An object of a service, in a namespace that every cluster has; a Deployment without pods."""
    scaled: dict[str, object] = {"services.gateway.autoscaler": {"minReplicas": 2, "maxReplicas": 3}}
    manifest = copy.deepcopy(objects_of(stack_settings("uat", scaled), "gateway")[role])
    manifest["metadata"] |= {"name": f"patched-{role}", "namespace": "default"}
    if role == "deployment":
        manifest["spec"]["replicas"] = 0
    return manifest


def pod(**fields: Any) -> Object:
    return {"spec": {"template": {"spec": fields}}}


def app(**fields: Any) -> Object:
    return pod(containers=[{"name": "gateway", **fields}])


def test_the_merge_keys_are_the_servers_own(api: Api) -> None:
    definitions = api.definitions()
    keys: dict[str, dict[str, str]] = {}
    replaced: dict[str, set[str]] = {}
    for manifest in map(built, ROLES):
        group, _, version = manifest["apiVersion"].rpartition("/")
        wanted = {"group": group, "version": version, "kind": manifest["kind"]}
        [root] = [each for each in definitions.values() if wanted in each.get("x-kubernetes-group-version-kind", ())]
        for path, field in _fields(definitions, root):
            kind, name = manifest["kind"], ".".join(path)
            if path[0] == "status" or path[-1] in NOT_STATED:
                continue
            if "x-kubernetes-patch-merge-key" in field:
                key = field["x-kubernetes-patch-merge-key"]
                keys.setdefault(kind, {})[name] = key
                identity = set(field.get("x-kubernetes-list-map-keys", (key,)))
                assert identity == {key, *APPLY_KEYS.get(path[-1], ())[:1]}, f"{kind}.{name}"
            elif field.get("x-kubernetes-patch-strategy") == "replace":
                replaced.setdefault(kind, set()).add(name)
            else:
                assert field.get("x-kubernetes-patch-strategy") in (None, "retainKeys"), f"{kind}.{name}"
    assert keys == MERGE_KEYS
    assert replaced == REPLACED


PATCHES: Mapping[str, tuple[str, Object]] = {
    "a mapping of the pod": ("deployment", pod(nodeSelector={"disk": "ssd"}, securityContext={"runAsUser": None})),
    "a mapping is replaced": ("deployment", app(resources={"$patch": "replace", "limits": {"memory": "1Gi"}})),
    "a mapping is emptied": ("deployment", app(resources={"$patch": "delete"})),
    "a list without a merge key": ("deployment", app(args=["--debug"])),
    "variables between others, one of them new": (
        "deployment",
        app(
            env=[
                {"name": "NODE_NAME", "valueFrom": None, "value": "a"},
                {"name": "A", "value": "1"},
                {"name": "LANG", "value": "C"},
            ]
        ),
    ),
    "a container in front, one behind": (
        "deployment",
        pod(
            containers=[{"name": "first", "image": "example.com/a:1"}, {"name": "last", "image": "example.com/b:1"}],
            **{"$setElementOrder/containers": [{"name": "first"}, {"name": "gateway"}, {"name": "last"}]},
        ),
    ),
    "a new container without an order": ("deployment", pod(containers=[{"name": "new", "image": "example.com/a:1"}])),
    "what is removed is not there": ("deployment", pod(volumes=[{"name": "none", "$patch": "delete"}], hostname=None)),
    "another source of a volume": (
        "deployment",
        pod(volumes=[{"name": "data", "persistentVolumeClaim": None, "hostPath": {"path": "/data"}}]),
    ),
    "pull Secrets": ("deployment", pod(imagePullSecrets=[{"name": "a"}, {"name": "b"}, {"$patch": "replace"}])),
    "one port for TCP and UDP": (
        "deployment",
        app(ports=[{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}, {"$patch": "replace"}]),
    ),
    "no rolling update": ("deployment", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}),
    "labels and annotations": ("deployment", {"metadata": {"labels": {"env": None, "a": "b"}, "annotations": None}}),
    "a Service's ports": ("service", {"spec": {"ports": [{"port": 80, "name": "web"}, {"port": 81, "name": "b"}]}}),
    "a Service's selector": ("service", {"spec": {"selector": {"app": "a"}, "sessionAffinity": "ClientIP"}}),
    "an Ingress's rules": ("ingress", {"spec": {"rules": [{"host": "a.example.com"}], "tls": None}}),
    "an autoscaler's metrics": ("autoscaler", {"spec": {"maxReplicas": 5, "metrics": None}}),
    "a budget's selector": ("disruption-budget", {"spec": {"selector": {"matchLabels": {"a": "b"}}}}),
    "an account": ("service-account", {"automountServiceAccountToken": True, "imagePullSecrets": [{"name": "a"}]}),
    "a policy": ("network-policy", {"spec": {"ingress": [], "policyTypes": ["Ingress"]}}),
}


@pytest.fixture(scope="module")
def live(api: Api) -> Iterator[Mapping[str, Object]]:
    """An object of each role, as the server has completed it."""
    made = {role: api.create(built(role)) for role in ROLES}
    yield made
    for each in made.values():
        api.delete(each)


@pytest.mark.parametrize("case", PATCHES)
def test_a_patch_makes_what_the_server_makes_of_it(api: Api, live: Mapping[str, Object], case: str) -> None:
    role, patch = PATCHES[case]
    assert _by_the_server(api, live[role], patch) == _by_us(api, live[role], patch)


@settings(max_examples=60)
@given(data=st.data())
def test_lists_in_any_order_are_what_the_server_makes_of_the_patch_between_them(
    api: Api, live: Mapping[str, Object], data: st.DataObject
) -> None:
    old = built("deployment")
    new = copy.deepcopy(old)
    spec = new["spec"]["template"]["spec"]
    more = [{"name": name, "image": "example.com/a:1"} for name in ("new", "newer")]
    [gateway] = spec["containers"]
    variables = [*gateway["env"], {"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    kept = data.draw(st.lists(st.integers(0, len(variables) - 1), unique=True))
    gateway["env"] = [variables[index] for index in kept]
    spec["containers"] = [[gateway, *more][index] for index in data.draw(st.permutations(range(3)))]
    patch = patch_between(old, new)
    assert patch is not None
    assert strategic_merge(old, patch) == new
    server = _by_the_server(api, live["deployment"], patch)
    assert server == _by_us(api, live["deployment"], patch)
    names = [each["name"] for each in server["spec"]["template"]["spec"]["containers"]]
    assert names == [each["name"] for each in spec["containers"]]


def test_only_elements_of_one_key_that_stand_apart_are_moved_by_the_server(
    api: Api, live: Mapping[str, Object]
) -> None:
    stated = [(53, "TCP"), (80, "TCP"), (53, "UDP")]
    ports: list[object] = [{"containerPort": port, "protocol": protocol} for port, protocol in stated]
    patch = app(ports=[*ports, {"$patch": "replace"}])
    made = (_by_the_server(api, live["deployment"], patch), _by_us(api, live["deployment"], patch))
    server, ours = (
        [
            (each["containerPort"], each["protocol"])
            for each in one["spec"]["template"]["spec"]["containers"][0]["ports"]
        ]
        for one in made
    )
    assert ours == stated
    assert server == [(53, "TCP"), (53, "UDP"), (80, "TCP")]


def test_what_states_a_variable_twice_cannot_be_applied(api: Api) -> None:
    patch = app(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}, {"$patch": "replace"}])
    with pytest.raises(ApiException, match="duplicate entries for key"):
        api.apply(strategic_merge(built("deployment"), patch), dry_run=True)


def _by_the_server(api: Api, live: Object, patch: Object) -> Object:
    """What the server's own strategic merge makes of a live object."""
    return _compared(api.patch(live, patch, form=STRATEGIC, dry_run=True))


def _by_us(api: Api, live: Object, patch: Object) -> Object:
    """What ours makes of it, completed by the server."""
    merged = _compared(strategic_merge(live, patch))
    merged["metadata"] |= {"name": "patched-by-us", "namespace": "default"}
    return _compared(api.create(merged, dry_run=True))


def _compared(stored: Object) -> Object:
    """An object without what the server and its controllers keep about it, and the address that it gives out once."""
    kept = {key: value for key, value in copy.deepcopy(stored).items() if key != "status"}
    kept["metadata"] = {key: kept["metadata"][key] for key in ("labels", "annotations") if kept["metadata"].get(key)}
    kept["metadata"].get("annotations", {}).pop("deployment.kubernetes.io/revision", None)
    for key in ("clusterIP", "clusterIPs"):
        kept.get("spec", {}).pop(key, None)
    return kept


def _fields(definitions: Mapping[str, Object], schema: Object) -> Iterator[tuple[tuple[str, ...], Object]]:
    """Every field below a schema with its path; elements of lists have the list's."""
    for name, field in schema.get("properties", {}).items():
        yield (name,), field
        inner = field.get("items", field).get("$ref", "").removeprefix("#/definitions/")
        if inner and "JSONSchemaProps" not in inner:
            for path, below in _fields(definitions, definitions[inner]):
                yield (name, *path), below
