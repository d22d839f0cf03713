"""The rights in docs/rbac: what `pulumi up` asks for and no more. The stacks of this folder come up with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import chain

import pytest

from components.manifests.platform import platform_objects
from tests.cluster.api import Api, Object, name_of
from tests.cluster.applier import Applier, RunError
from tests.cluster.deployer import NAME, NAMESPACE, Deployer, cluster_roles, stated
from tests.cluster.platform import Platform, plan
from tests.cluster.program import lookups
from tests.cluster.refusal import refusal
from tests.cluster.rights import READ_BY_WAITS, Plural, Right, granted, needed
from tests.cluster.roles import without
from tests.manifests import shapes
from tests.manifests.schemas import NEWEST
from tests.program.stacks import FOLDERS, record

ROLES = cluster_roles()
IN_NAMESPACE = {each["roleRef"]["name"] for each in stated("environment.yaml")}
GIVEN_ONLY = "prod"
"""The shipped stack that owns its services and nothing else."""
RBAC = "rbac.authorization.k8s.io"


def plural_of(api: Api) -> Plural:
    return lambda version, kind: str(api.kind(version, kind).name)


def asked_for(stacks: Collection[str], api: Api) -> set[Right]:
    steps = chain.from_iterable(plan(stack).values() for stack in stacks)
    given = chain.from_iterable(lookups(record(stack)) for stack in stacks)
    return set(needed(steps, given, plural_of(api)))


def granted_by(roles: Collection[str]) -> list[Right]:
    return [each for role in roles for each in granted(ROLES[role], namespaced=role in IN_NAMESPACE)]


def missing(needs: Collection[Right], held: Collection[Right]) -> list[Right]:
    return sorted(need for need in needs if not any(each.grants(need) for each in held))


def test_the_rules_are_what_the_stacks_ask_for_and_no_more(api: Api) -> None:
    needs, held = asked_for(FOLDERS, api), granted_by(ROLES)
    assert missing(needs, held) == []
    assert sorted(each for each in held if not any(each.grants(need) for need in needs)) == []


def test_a_stack_that_is_given_everything_does_without_the_roles_for_what_is_owned(api: Api) -> None:
    least = {"ack-platform-deployer-given", "ack-platform-deployer-services"}
    needs = asked_for([GIVEN_ONLY], api)
    assert missing(needs, granted_by(least)) == []
    for role in least:
        assert missing(needs, granted_by(least - {role})) != [], role


def test_every_kind_that_any_switch_can_make_is_one_of_the_shipped_stacks() -> None:
    shipped = {step.stated["kind"] for stack in FOLDERS for step in plan(stack).values()}
    for name, changes in shapes.single(NEWEST):
        made = {each["kind"] for each in platform_objects(shapes.shape(NEWEST, changes))}
        assert made <= shipped, name


def test_every_role_is_bound_to_the_deployer_in_one_way() -> None:
    bindings = [each for file in ("deployer.yaml", "environment.yaml") for each in stated(file) if "roleRef" in each]
    assert {each["metadata"]["name"] for each in bindings} == set(ROLES)
    for each in bindings:
        assert each["roleRef"] == {"apiGroup": RBAC, "kind": "ClusterRole", "name": each["metadata"]["name"]}
        assert each["subjects"] == [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}]
        assert each["kind"] == ("RoleBinding" if each["roleRef"]["name"] in IN_NAMESPACE else "ClusterRoleBinding")


def verbs() -> Iterator[object]:
    """Every verb of every rule, those left out that only the provider's waits need."""
    for role, rules in ROLES.items():
        for number, rule in enumerate(rules):
            for verb in rule["verbs"]:
                if verb not in READ_BY_WAITS:
                    short = role.removeprefix("ack-platform-deployer-")
                    yield pytest.param(role, number, verb, id=f"{short}: {verb} {' '.join(rule['resources'])}")


@pytest.mark.parametrize(("role", "number", "verb"), list(verbs()))
def test_without_any_one_verb_the_run_is_refused(
    platform: Platform, deployer: Deployer, role: str, number: int, verb: str
) -> None:
    rule, namespace = ROLES[role][number], "test" if role in IN_NAMESPACE else ""
    with deployer.roles.holding(role, without(ROLES[role], number, verb), namespace):
        for resource in rule["resources"]:
            for name in rule.get("resourceNames") or [""]:
                message = refusal(run(platform, verb, resource, name))
                assert f'User "{deployer.account.user}" cannot {verb} resource "{resource}"' in message
                assert not name or f'"{name}" is forbidden' in message


def run(platform: Platform, verb: str, resource: str, name: str) -> Callable[[], object]:
    """What a run of the program does with an object that takes a verb."""
    plural = plural_of(platform.api)

    def is_meant(each: Object) -> bool:
        return plural(each["apiVersion"], each["kind"]) == resource and name in ("", name_of(each)[0])

    steps = [step for each in platform.plans.values() for step in each.values() if is_meant(step.stated)]
    if not steps:
        given = next(each for stack in FOLDERS for each in lookups(record(stack)) if is_meant(each))
        return partial(platform.applier.api.live, given)
    step = steps[0]
    acts: dict[str, Callable[[], object]] = {
        "create": partial(Applier(platform.applier.api).up, {step.name: step}),
        "get": partial(platform.applier.update, step.stated),
        "patch": partial(platform.applier.update, step.stated),
        "delete": partial(platform.applier.down, {step.name: step}),
    }
    return acts[verb]


def test_what_is_given_is_looked_up(platform: Platform) -> None:
    for stack in ("uat", GIVEN_ONLY):
        for each in lookups(record(stack)):
            if name_of(each)[1] != GIVEN_ONLY:  # that namespace is on another cluster
                platform.applier.api.live(each)


def test_the_deployer_holds_what_it_gives_to_log_retention(platform: Platform, deployer: Deployer) -> None:
    role = "ack-platform-deployer-services"
    (number,) = (number for number, rule in enumerate(ROLES[role]) if rule["resources"] == ["pods"])
    up = run(platform, "create", "roles", "")
    with pytest.raises(RunError, match="already exists"):
        up()
    with deployer.roles.holding(role, without(ROLES[role], number, "list"), namespace="test"):
        assert "is attempting to grant RBAC permissions not currently held" in refusal(up)


def test_the_deployer_is_no_administrator(deployer: Deployer) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    found = deployer.api.create(review)["status"]["userInfo"]
    assert found["username"] == "system:serviceaccount:ack-platform:deployer"
    assert set(found["groups"]) == {
        "system:authenticated",
        "system:serviceaccounts",
        "system:serviceaccounts:ack-platform",
    }


def in_namespace(version: str, kind: str, name: str, namespace: str | None, **rest: object) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def binding(role: str, namespace: str | None) -> Object:
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    return in_namespace(f"{RBAC}/v1", kind, "more", namespace, roleRef=reference, subjects=stated_subjects())


def stated_subjects() -> list[Object]:
    subjects: list[Object] = stated("environment.yaml")[0]["subjects"]
    return subjects


EXEC = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}]
BEYOND: dict[str, Callable[[Api], object]] = {
    "read the Secrets of another namespace": lambda api: api.objects("v1", "Secret", "kube-system"),
    "read the Secrets of all namespaces": lambda api: api.objects("v1", "Secret"),
    "write into another namespace": lambda api: api.create(
        in_namespace("v1", "ConfigMap", "a", "default"), dry_run=True
    ),
    "delete another namespace": lambda api: api.delete(in_namespace("v1", "Namespace", "kube-public", None)),
    "lower another namespace's Pod Security": lambda api: api.apply(
        in_namespace("v1", "Namespace", "kube-public", None), dry_run=True
    ),
    "delete a volume": lambda api: api.delete(in_namespace("v1", "PersistentVolume", "test-nas", None)),
    "delete a claim": lambda api: api.delete(in_namespace("v1", "PersistentVolumeClaim", "test-nas", "test")),
    "change a Secret that is not the stack's": lambda api: api.apply(
        in_namespace("v1", "Secret", "database", "test"), dry_run=True
    ),
    "make a token": lambda api: api.post(
        in_namespace("v1", "ServiceAccount", "gateway", "test"),
        "token",
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}},
    ),
    "become an administrator": lambda api: api.create(binding("cluster-admin", None), dry_run=True),
    "become an administrator of its namespace": lambda api: api.create(binding("admin", "test"), dry_run=True),
    "widen its own role": lambda api: api.apply(
        in_namespace(f"{RBAC}/v1", "ClusterRole", "ack-platform-deployer-services", None, rules=EXEC), dry_run=True
    ),
    "drop its own binding": lambda api: api.delete(
        in_namespace(f"{RBAC}/v1", "RoleBinding", "ack-platform-deployer-services", "test")
    ),
    "give away what it has not": lambda api: api.patch(
        in_namespace(f"{RBAC}/v1", "Role", "log-retention", "test"), {"rules": EXEC}
    ),
    "create a pod that no Deployment made": lambda api: api.create(
        in_namespace("v1", "Pod", "a", "test", spec={"containers": [{"name": "a", "image": "example.com/a:1"}]}),
        dry_run=True,
    ),
}


@pytest.mark.parametrize("request_", [pytest.param(each, id=name) for name, each in BEYOND.items()])
def test_the_deployer_may_not(platform: Platform, request_: Callable[[Api], object]) -> None:
    message = refusal(lambda: request_(platform.applier.api))
    assert "cannot " in message or "not currently held" in message, message
