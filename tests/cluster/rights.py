"""Rights: what the rules of a role grant, and what a run of the program asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.cluster.api import Object, name_of
from tests.cluster.program import Step

READ_BY_WAITS = ("list", "watch")
"""Verbs that only the provider's waits need."""

_AWAITED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Deployment": (("apps", "deployments"), ("apps", "replicasets"), ("", "pods"), ("", "persistentvolumeclaims")),
    "Ingress": (("networking.k8s.io", "ingresses"), ("", "endpoints"), ("", "services")),
}
"""What the provider lists and watches, by group and resource, until an object of a kind is ready.

The other kinds that it waits for it only gets. Source: deployment.go, ingress.go and awaiters.go in
https://github.com/pulumi/pulumi-kubernetes/tree/master/provider/pkg/await
"""

Plural = Callable[[str, str], str]
"""The resource's name of an API version and a kind, which the API server says."""


@dataclass(frozen=True, order=True)
class Right:
    """One verb on one resource.

    Attributes:
        namespaced: Whether it holds in a namespace.
        group: The API group; empty for the core group.
        resource: In the plural, as in rules.
        verb: As in rules.
        name: The object's name; empty for all objects, or for those that have none yet.
    """

    namespaced: bool
    group: str
    resource: str
    verb: str
    name: str = ""

    def grants(self, other: Right) -> bool:
        """Whether whoever holds this one may do what the other one asks for."""
        wider = Right(other.namespaced, other.group, other.resource, other.verb, "")
        return self in (other, wider)


def granted(rules: Iterable[Object], *, namespaced: bool) -> Iterator[Right]:
    """What rules grant."""
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames") or [""]:
                        yield Right(namespaced, group, resource, verb, name)


def needed(steps: Iterable[Step], lookups: Iterable[Object], plural: Plural) -> Iterator[Right]:
    """What it takes to bring stacks up, change them and take them down, by the provider's own requests.

    Args:
        steps: The objects that the stacks own.
        lookups: The objects that they are given.
        plural: Says the resource's name of a kind.
    """
    for step in steps:
        yield from _of_step(step, plural)
    for each in lookups:
        yield _right(each, "get", plural, name_of(each)[0])


def _of_step(step: Step, plural: Plural) -> Iterator[Right]:
    stated = step.stated
    name, namespace = name_of(stated)
    yield _right(stated, "create", plural)
    for verb in ("get", "patch", *(() if step.retained else ("delete",))):
        yield _right(stated, verb, plural, name)
    annotations = stated["metadata"].get("annotations") or {}
    watched = {("", "events")}
    if not step.retained or "pulumi.com/waitFor" in annotations:
        watched.add((_group(stated), plural(stated["apiVersion"], stated["kind"])))
    if annotations.get("pulumi.com/skipAwait") != "true":
        watched.update(_AWAITED.get(stated["kind"], ()))
    for group, resource in watched:
        for verb in READ_BY_WAITS:
            yield Right(namespace is not None, group, resource, verb)
    # Nobody can give away what he has not: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
    yield from granted(stated.get("rules", ()) if stated["kind"] == "Role" else (), namespaced=True)


def _right(stated: Object, verb: str, plural: Plural, name: str = "") -> Right:
    resource = plural(stated["apiVersion"], stated["kind"])
    return Right(name_of(stated)[1] is not None, _group(stated), resource, verb, name)


def _group(stated: Object) -> str:
    return str(stated["apiVersion"]).rpartition("/")[0]
