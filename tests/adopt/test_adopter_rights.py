"""The rights in docs/rbac/adopter.yaml are enough to read a namespace, and each of them is needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adopt.adoption import adopt
from adopt.cluster import _stated, read
from adopt.connection import ClusterError, Connection
from adopt.entries import entries
from adopt.known import Known
from adopt.snapshot import Snapshot
from config import CATALOGUE
from config.files import read_yaml
from tests.adopt.adopter import IN_NAMESPACE, RULES, Adopter
from tests.adopt.readings import Told
from tests.cluster.api import Object
from tests.cluster.refusal import refusal
from tests.cluster.roles import without

PARTS = {
    "nodes": "nodes",
    "persistentvolumes": "volumes",
    "ingressclasses.networking.k8s.io": "ingress_classes",
    "albconfigs.alibabacloud.com": "alb_configs",
    "limitranges": "limit_ranges",
    "persistentvolumeclaims": "claims",
    "resourcequotas": "quotas",
    "serviceaccounts": "service_accounts",
    "services": "services",
    "deployments.apps": "deployments",
    "horizontalpodautoscalers.autoscaling": "autoscalers",
    "ingresses.networking.k8s.io": "ingresses",
    "poddisruptionbudgets.policy": "disruption_budgets",
}
"""The part of a snapshot that is missing without a resource; what is no part of it is told apart."""


def rights() -> Iterator[object]:
    """Every verb on every resource, but those on namespaces, which are no part of a snapshot."""
    for role, rules in RULES.items():
        for number, rule in enumerate(rules):
            for verb in rule["verbs"]:
                for resource in rule["resources"]:
                    full = f"{resource}.{rule['apiGroups'][0]}".rstrip(".")
                    if resource != "namespaces":
                        yield pytest.param((role, number, verb), full, id=f"{verb} {full}")


def test_with_these_rights_nothing_is_left_unread(adopter: Adopter, kubeconfig: Path) -> None:
    for namespace in ("test", "uat"):
        found = read(adopter.account.kubeconfig, namespace, progress=Told())
        assert found.gaps == ()
        assert found == read(kubeconfig, namespace, progress=Told())


def test_every_part_of_a_snapshot_has_its_right() -> None:
    assert {parameter.values[1] for parameter in rights()} == set(PARTS)  # type: ignore[attr-defined] # pytest's own type


@pytest.mark.parametrize(("right", "resource"), list(rights()))
def test_without_any_one_verb_the_gap_names_it_and_the_rest_is_read(
    adopter: Adopter, kubeconfig: Path, right: tuple[str, int, str], resource: str
) -> None:
    whole, (role, number, verb) = read(kubeconfig, "uat", progress=Told()), right
    name, namespace = resource.partition(".")[0], "uat" if role == IN_NAMESPACE else ""
    rules = [*without(RULES[role], number, verb), *others(RULES[role][number], verb, name)]
    with adopter.roles.holding(role, rules, namespace):
        found = read(adopter.account.kubeconfig, "uat", progress=Told())
    gaps = {(each.verb, each.resource, each.namespace) for each in found.gaps}
    assert gaps == {(verb, resource, namespace)}
    assert f'cannot {verb} resource "{name}"' in found.gaps[0].said
    where = "in the namespace uat" if namespace else "in the cluster"
    assert f"lacks the verb {verb} on {resource} {where}; docs/rbac/adopter.yaml" in str(found.gaps[0])
    parts = [PARTS[resource], *(["volumes"] if resource == "persistentvolumeclaims" else [])]  # found by their claims
    lost: dict[str, Any] = dict.fromkeys(parts, ())
    assert resting(found) == resting(dataclasses.replace(whole, gaps=found.gaps, **lost))


def resting(snapshot: Snapshot) -> dict[str, list[object]]:
    """A snapshot without what controllers write at any moment, status above all."""
    return {
        part: [_stated(each) if isinstance(each, dict) else each for each in getattr(snapshot, part)]
        for part in {*PARTS.values(), "gaps"}
    }


def others(rule: Object, verb: str, resource: str) -> Iterator[Object]:
    """The verb on the rule's other resources."""
    if left := [each for each in rule["resources"] if each != resource]:
        yield {**rule, "resources": left, "verbs": [verb]}


def test_a_namespace_that_the_account_may_not_get_is_a_gap_and_all_else_is_read(adopter: Adopter) -> None:
    role = "ack-platform-adopter-cluster"
    with adopter.roles.holding(role, without(RULES[role], 0, "get")):
        found = read(adopter.account.kubeconfig, "uat", progress=Told())
    assert [(each.kind, each.verb, each.namespace) for each in found.gaps] == [("Namespace", "get", "")]
    assert found.namespace == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "uat"}}
    assert len(found.deployments) == 7


def test_without_the_list_of_namespaces_a_wrong_name_is_still_said_to_be_wrong(adopter: Adopter) -> None:
    role = "ack-platform-adopter-cluster"
    with (
        adopter.roles.holding(role, without(RULES[role], 0, "list")),
        pytest.raises(ClusterError, match=r"^The cluster at https://\S+ has no namespace uta; nothing was changed\.$"),
    ):
        read(adopter.account.kubeconfig, "uta", progress=Told())


def test_a_namespace_in_which_nothing_may_be_read_is_one_report(adopter: Adopter) -> None:
    with pytest.raises(ClusterError) as failed:
        read(adopter.account.kubeconfig, "kube-system", progress=Told())
    what, said, mend = str(failed.value).splitlines()
    assert what == "The account may read nothing in the namespace kube-system; nothing was changed."
    assert 'User "system:serviceaccount:ack-platform:adopter" cannot list resource "deployments"' in said
    assert "docs/rbac/adopter.yaml" in mend


def test_the_adopter_reads_no_secret_and_writes_nothing_while_it_reads(adopter: Adopter) -> None:
    api = adopter.account.api
    assert 'cannot list resource "secrets"' in refusal(lambda: api.objects("v1", "Secret", "uat"))
    gateway = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gateway", "namespace": "uat"}}
    assert "cannot " in refusal(lambda: api.delete(gateway))


def test_an_account_that_may_only_read_adopts_with_patches_that_state_the_defaults_too(adopter: Adopter) -> None:
    kubeconfig = adopter.account.kubeconfig
    catalogue = read_yaml(CATALOGUE).values
    snapshot = read(kubeconfig, "uat", progress=Told())
    found = adopt(snapshot, Connection(kubeconfig), Known("uat"), catalogue)
    assert found.open == ()
    (told,) = [each.note for each in found.findings if each.subject == "defaults of the API server"]
    assert "a dry run was refused" in told
    assert "cannot patch resource" in told
    container = found.taken[0].stated["spec"]["template"]["spec"]["containers"][0]
    assert container["terminationMessagePath"] == "/dev/termination-log"

    written = entries(found.inferred.services, catalogue, None)
    said = {"serviceDefaults": written.defaults, "services": written.services}
    again = adopt(snapshot, Connection(kubeconfig), Known("uat"), catalogue, said)
    assert (again.open, [each.stated for each in again.taken]) == ((), [each.stated for each in found.taken])
