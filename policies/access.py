"""Rules of rights and limits: what identities may do, and what a namespace holds."""

from __future__ import annotations

from collections.abc import Iterator

from policies.rule import MUST, SHOULD, Object, Objects, Rule, metadata

_RBAC = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
_PSA = "https://kubernetes.io/docs/concepts/security/pod-security-admission/"
_QUOTA = "https://kubernetes.io/docs/concepts/policy/resource-quotas/"
_LIMITS = "https://kubernetes.io/docs/concepts/policy/limit-range/"
_ROLES, _BINDINGS = ("Role", "ClusterRole"), ("RoleBinding", "ClusterRoleBinding")
_TAKE_OUT = "name what it needs, no more"
_POWERS = {"bind", "escalate", "impersonate"}
_DANGEROUS = {"pods/exec", "pods/attach", "nodes/proxy", "serviceaccounts/token"}


def _wildcards(each: Object, _every: Objects) -> Iterator[str]:
    for rule in each.get("rules") or ():
        for key in ("verbs", "resources", "apiGroups"):
            if "*" in (rule.get(key) or ()):
                yield f"has * among its {key}"


def _powers(each: Object, _every: Objects) -> Iterator[str]:
    for rule in each.get("rules") or ():
        verbs, resources = set(rule.get("verbs") or ()), set(rule.get("resources") or ())
        for verb in sorted(verbs & _POWERS):
            yield f"may {verb}"
        for resource in sorted(resources & _DANGEROUS):
            yield f"may use {resource}"
        if "secrets" in resources and verbs & {"get", "list", "watch"} and not rule.get("resourceNames"):
            yield "may read every Secret"


def _admin(each: Object, _every: Objects) -> Iterator[str]:
    role = each.get("roleRef") or {}
    if role.get("kind") == "ClusterRole" and role.get("name") in ("cluster-admin", "admin"):
        yield f"gives the role {role['name']}"


def _subjects(each: Object, every: Objects) -> Iterator[str]:
    known = {(metadata(other).get("namespace"), metadata(other).get("name")) for other in every.of("ServiceAccount")}
    for subject in each.get("subjects") or ():
        if subject.get("kind") == "ServiceAccount" and (subject.get("namespace"), subject.get("name")) not in known:
            yield f"names the ServiceAccount {subject.get('name')}, which the stack does not have"


def _pod_security(each: Object, _every: Objects) -> Iterator[str]:
    level = (metadata(each).get("labels") or {}).get("pod-security.kubernetes.io/enforce")
    if level not in ("baseline", "restricted"):
        yield "enforces no Pod Security level"


def _holds(kind: str, each: Object, every: Objects) -> bool:
    name = metadata(each).get("name")
    return any(metadata(other).get("namespace") == name for other in every.of(kind))


def _quota(each: Object, every: Objects) -> Iterator[str]:
    if not _holds("ResourceQuota", each, every):
        yield "has no ResourceQuota"


def _limits(each: Object, every: Objects) -> Iterator[str]:
    if not _holds("LimitRange", each, every):
        yield "has no LimitRange"


RULES = (
    Rule("no-wildcard-rights", MUST, _ROLES, "may do what nobody thought of", _TAKE_OUT, _RBAC, _wildcards),
    Rule("no-dangerous-rights", MUST, _ROLES, "may make itself whoever it likes", _TAKE_OUT, _RBAC, _powers),
    Rule("no-cluster-admin", MUST, _BINDINGS, "may do everything", _TAKE_OUT, _RBAC, _admin),
    Rule("known-subjects", MUST, _BINDINGS, "gives its rights to whoever takes that name later", _TAKE_OUT, _RBAC,
         _subjects, whole=True),
    Rule("pod-security", MUST, ("Namespace",), "takes any pod, privileged ones too",
         "environment.namespace.podSecurity", _PSA, _pod_security),
    Rule("quota", SHOULD, ("Namespace",), "could take the whole cluster", "environment.quota", _QUOTA, _quota,
         whole=True),
    Rule("limit-range", SHOULD, ("Namespace",), "takes containers without any limit", "environment.limitRange",
         _LIMITS, _limits, whole=True),
)  # fmt: skip
