"""Every rule lets the shipped stack pass and refuses one change of it."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from components.manifests.cloud import cloud_resources
from components.manifests.platform import platform_objects
from config.files import parse_path
from config.waiver import RuleId
from policies.rule import Objects, findings
from policies.rules import RULES, Verdict, Waiver, judge
from tests.program.stacks import shipped
from tests.settings import REMOVED, change, settings

ONLY_GATEWAY = {f"services.{name}": REMOVED for name in ("admin", "exam", "file", "oauth2", "resource", "study")} | {
    "logRetention.image": f"registry.example.com/tools@sha256:{'1' * 64}"
}
POD = "spec.template.spec"
APP = f"{POD}.containers[0]"
LISTEN = 'metadata.annotations["alb.ingress.kubernetes.io/'

CASES: dict[str, tuple[str, str, object]] = {
    "not-privileged": ("Deployment", f"{APP}.securityContext.privileged", True),
    "no-host-namespaces": ("Deployment", f"{POD}.hostNetwork", True),
    "volume-types": ("Deployment", f"{POD}.volumes[1]", {"name": "tmp", "hostPath": {"path": "/tmp"}}),
    "no-host-port": ("Deployment", f"{APP}.ports[0].hostPort", 80),
    "drop-capabilities": ("Deployment", f"{APP}.securityContext.capabilities.add", ["NET_ADMIN"]),
    "no-privilege-escalation": ("Deployment", f"{APP}.securityContext.allowPrivilegeEscalation", REMOVED),
    "non-root": ("CronJob", "spec.jobTemplate.spec.template.spec.containers[0].securityContext.runAsUser", 0),
    "high-user": ("Deployment", f"{POD}.securityContext.runAsGroup", 33),
    "seccomp": ("Deployment", f"{POD}.securityContext.seccompProfile", REMOVED),
    "safe-sysctls": ("Deployment", f"{POD}.securityContext.sysctls[0].name", "kernel.msgmax"),
    "no-probe-host": ("Deployment", f"{APP}.readinessProbe.httpGet.host", "10.0.0.1"),
    "read-only-root": ("Deployment", f"{APP}.securityContext.readOnlyRootFilesystem", False),
    "sized-empty-dir": ("Deployment", f"{POD}.volumes[1].emptyDir.sizeLimit", REMOVED),
    "requests-and-memory-limit": ("Deployment", f"{APP}.resources.limits.memory", REMOVED),
    "ephemeral-storage": ("Deployment", f"{APP}.resources.requests", {"cpu": "1", "memory": "2Gi"}),
    "no-secret-in-env": ("Deployment", f"{APP}.env[3]", {"name": "DB_PASSWORD", "value": "x"}),
    "no-moving-image": ("Deployment", f"{APP}.image", "registry.example.com:5000/gateway"),
    "image-digest": ("Deployment", f"{APP}.image", "registry.example.com/gateway:1.4.0"),
    "no-service-links": ("Deployment", f"{POD}.enableServiceLinks", REMOVED),
    "two-replicas": ("HorizontalPodAutoscaler", "spec.minReplicas", 1),
    "disruption-budget": ("PodDisruptionBudget", "spec.maxUnavailable", 0),
    "spread": ("Deployment", f"{POD}.topologySpreadConstraints", REMOVED),
    "rollout-without-gap": ("Deployment", "spec.strategy.rollingUpdate.maxUnavailable", "25%"),
    "revision-history": ("Deployment", "spec.revisionHistoryLimit", 0),
    "probes": ("Deployment", f"{APP}.livenessProbe.httpGet.path", "/actuator/health/readiness"),
    "time-to-end": ("Deployment", f"{POD}.terminationGracePeriodSeconds", 15),
    "selector": ("Deployment", 'spec.selector.matchLabels["app.kubernetes.io/name"]', "other"),
    "labels": ("Deployment", 'metadata.labels["app.kubernetes.io/instance"]', REMOVED),
    "own-namespace": ("Service", "metadata.namespace", "default"),
    "own-account": ("Deployment", f"{POD}.serviceAccountName", REMOVED),
    "no-idle-token": ("Deployment", f"{POD}.automountServiceAccountToken", True),
    "bounded-job": ("CronJob", "spec.concurrencyPolicy", "Allow"),
    "service-inside": ("Service", "spec.type", "LoadBalancer"),
    "service-has-pods": ("Service", "spec.selector", {"app.kubernetes.io/name": "other"}),
    "ingress-has-service": ("Ingress", "spec.rules[0].http.paths[0].backend.service.port.number", 81),
    "ingress-host": ("Ingress", "spec.rules[0].host", REMOVED),
    "ingress-unique": ("+Ingress", "metadata.name", "copy"),
    "ingress-tls": ("Ingress", f'{LISTEN}ssl-redirect"]', REMOVED),
    "no-actuator-route": ("Ingress", "spec.rules[0].http.paths[0].path", "/actuator/env"),
    "no-nginx-annotations": ("Ingress", 'metadata.annotations["nginx.ingress.kubernetes.io/rewrite-target"]', "/"),
    "listener-tls": ("AlbConfig", "spec.listeners[1].securityPolicyId", "tls_cipher_policy_1_0"),
    "no-override": ("AlbConfig", "spec.config.listenerForceOverride", True),
    "default-deny": ("-NetworkPolicy", "metadata.name", "default-deny"),
    "no-wildcard-rights": ("Role", "rules[0].verbs", ["*"]),
    "no-dangerous-rights": ("Role", "rules[0].resources", ["secrets", "pods/exec"]),
    "no-cluster-admin": ("RoleBinding", "roleRef", {"kind": "ClusterRole", "name": "cluster-admin"}),
    "known-subjects": ("RoleBinding", "subjects[0].name", "somebody"),
    "pod-security": ("Namespace", 'metadata.labels["pod-security.kubernetes.io/enforce"]', "privileged"),
    "quota": ("-ResourceQuota", "metadata.name", "ack-platform"),
    "limit-range": ("-LimitRange", "metadata.name", "ack-platform"),
    "volume-retained": ("PersistentVolume", "spec.persistentVolumeReclaimPolicy", "Delete"),
    "claim-by-name": ("PersistentVolumeClaim", "spec.volumeName", REMOVED),
    "alb-zones": ("LoadBalancer", "zoneMappings[1].zoneId", "cn-hangzhou-h"),
    "alb-deletion-protection": ("LoadBalancer", "deletionProtectionConfig.enabled", False),
    "alb-access-log": ("LoadBalancer", "accessLogConfig", REMOVED),
    "nas-closed": ("AccessRule", "sourceCidrIp", "0.0.0.0/0"),
    "nas-encrypted": ("FileSystem", "encryptType", 0),
}
"""For each rule a kind and a change of it; ``+`` adds a changed copy, ``-`` takes the named object out."""


@cache
def _good() -> tuple[dict[str, Any], ...]:
    found = [dict(each) for each in platform_objects(settings("uat", ONLY_GATEWAY))]
    return (*found, *cloud_resources(settings("test")))


def good() -> list[dict[str, Any]]:
    """The objects of uat with the gateway only, all by digest, and the cloud resources of test."""
    return copy.deepcopy(list(_good()))


def changed(kind: str, path: str, value: object) -> list[dict[str, Any]]:
    """The good objects with one change."""
    objects = good()
    if kind.startswith("-"):
        gone = [each for each in objects if each["kind"] == kind[1:] and each["metadata"]["name"] == value]
        assert len(gone) == 1
        return [each for each in objects if each is not gone[0]]
    first = next(each for each in objects if each["kind"] == kind.removeprefix("+"))
    if kind.startswith("+"):
        first = copy.deepcopy(first)
        objects.append(first)
    change(first, parse_path(path), value)
    return objects


def broken(objects: list[dict[str, Any]]) -> set[str]:
    """The rules that objects break."""
    return {each.rule.id for each in judge(objects).open}


def test_a_shipped_stack_passes_every_rule_and_every_rule_has_something_to_judge() -> None:
    assert broken(good()) == set()
    kinds = {each["kind"] for each in good()}
    assert [rule.id for rule in RULES if not kinds & set(rule.kinds)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_refuses_the_change_that_breaks_it(rule: Any) -> None:
    found = list(findings([rule], objects := changed(*CASES[rule.id]), Objects(objects)))
    assert found, rule.id
    for each in found:
        assert each.said
        assert each.object.split()[0] in rule.kinds


def test_containers_that_run_beside_or_before_the_application_are_judged_too() -> None:
    sidecar = ("Deployment", f"{POD}.initContainers[0].securityContext.privileged", True)
    assert broken(changed(*sidecar)) == {"not-privileged"}


def test_an_object_of_another_namespace_helps_nobody() -> None:
    assert broken(changed("PodDisruptionBudget", "metadata.namespace", "elsewhere")) == {"disruption-budget"}


def test_every_rule_says_why_what_to_do_and_where_it_is_from() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert set(CASES) == {rule.id for rule in RULES} == set(get_args(RuleId))
    for rule in RULES:
        assert rule.source.startswith("https://")
        assert rule.reason
        assert rule.mend
        assert rule.level in ("mandatory", "advisory")


@pytest.mark.parametrize("stack", ["test", "uat"])
def test_the_shipped_stacks_break_no_mandatory_rule(stack: str) -> None:
    verdict = judge(list(platform_objects(shipped(stack))))
    assert {each.rule.id for each in verdict.open if each.rule.level == "mandatory"} == set()


def test_of_the_adopted_example_only_the_services_that_are_still_legacy_break_mandatory_rules() -> None:
    verdict = judge(list(platform_objects(shipped("prod"))))
    assert {each.service for each in verdict.open if each.rule.level == "mandatory"} == {"resource", "study"}


def verdict_of(*waivers: Waiver) -> Verdict:
    """The gateway is privileged, with waivers."""
    return judge(changed(*CASES["not-privileged"]), waivers)


def waiver(service: str = "gateway", rule: str = "not-privileged") -> Waiver:
    """A waiver."""
    return Waiver(rule, service, "a drill of the waivers", "2027-01-31")


def test_a_waiver_covers_its_rule_for_its_service_only() -> None:
    assert verdict_of().refused
    covered = verdict_of(waiver())
    assert not covered.refused
    assert [(finding.rule.id, found) for finding, found in covered.waived] == [("not-privileged", waiver())]
    assert verdict_of(waiver("")).refused
    assert verdict_of(waiver(rule="non-root")).refused


def test_a_waiver_that_covers_nothing_is_refused() -> None:
    verdict = judge(good(), [waiver()])
    assert verdict.refused
    assert verdict.unused == (waiver(),)


def test_the_pack_needs_nothing_of_the_program() -> None:
    for file in Path(judge.__code__.co_filename).parent.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "from config" not in text, file
        assert "import pydantic" not in text, file
