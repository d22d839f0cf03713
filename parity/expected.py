"""The settings in which environments differ, and why they do."""

from __future__ import annotations

from config.files import KeyPath

_SIZE, _ADDRESS, _OWNER, _NAME, _CERTIFICATE = (
    "size of the environment",
    "address or id",
    "what is shared has one owner",
    "name of the environment",
    "certificate of the host",
)

_REASONS = {
    "services.*.replicas": _SIZE,
    "services.*.autoscaler": _SIZE,
    "services.*.autoscaler.minReplicas": _SIZE,
    "services.*.autoscaler.maxReplicas": _SIZE,
    "services.*.restartedAt": "each environment restarts by itself",
    "services.*.logs.project": _ADDRESS,
    "services.*.logs.shards": _SIZE,
    "services.*.logs.ttlDays": _SIZE,
    "services.*.eip.bandwidth": _SIZE,
    "services.*.eip.bandwidthPackage": _ADDRESS,
    "services.*.ingress.host": _NAME,
    "services.*.ingress.tls.id": _CERTIFICATE,
    "services.*.ingress.tls.covers": _CERTIFICATE,
    "services.*.ingress.tls.secretName": _CERTIFICATE,
    "cluster.id": _ADDRESS,
    "cluster.region": _ADDRESS,
    "cluster.vpc": _ADDRESS,
    "cluster.vSwitches": _ADDRESS,
    "cluster.kubeconfig.*": _ADDRESS,
    "addons.*.ownership": _OWNER,
    "cluster.quotas.*": _SIZE,
    "alb.quotas.*": _SIZE,
    "alb.ownership": _OWNER,
    "alb.id": _ADDRESS,
    "alb.name": _NAME,
    "alb.ingressClass": _NAME,
    "alb.dnsName": _ADDRESS,
    "alb.vSwitches": _ADDRESS,
    "alb.bandwidthPackage": _ADDRESS,
    "alb.accessLog.*": _ADDRESS,
    "alb.listeners.*.certificates": _CERTIFICATE,
    "nas.fileSystem": _OWNER,
    "nas.fileSystem.ownership": _OWNER,
    "nas.fileSystem.id": _ADDRESS,
    "nas.fileSystem.mountTarget": _ADDRESS,
    "nas.fileSystem.vSwitch": _ADDRESS,
    "nas.fileSystem.accessRules": _ADDRESS,
    "nas.volume.ownership": _OWNER,
    "nas.volume.claim": _NAME,
    "nas.volume.name": _NAME,
    "nas.volume.path": _NAME,
    "nas.volume.capacity": _SIZE,
    "environment.name": _NAME,
    "environment.hostSuffix": _NAME,
    "environment.springProfile": _NAME,
    "environment.imageProfile": _NAME,
    "environment.namespace.name": _NAME,
    "environment.namespace.ownership": _OWNER,
    "environment.quota.ownership": _OWNER,
    "environment.quota.name": _NAME,
    "environment.quota.hard.*": _SIZE,
    "environment.limitRange.ownership": _OWNER,
    "environment.limitRange.name": _NAME,
    "environment.pullSecret.ownership": _OWNER,
    "environment.pullSecret.name": _NAME,
    "nacos.address": _ADDRESS,
    "nacos.namespaceId": _NAME,
    "nacos.auth.username": _NAME,
    "registry.repository": _ADDRESS,
    "registry.username": _NAME,
    "logRetention.logsDays": _SIZE,
    "logRetention.dumpsDays": _SIZE,
    "logRetention.keepDumps": _SIZE,
}


def reason(path: KeyPath) -> str:
    """Why two environments differ in a setting; empty where they should not."""
    parts = [str(part) for part in path]
    return next((why for pattern, why in _PATTERNS if _fits(pattern, parts)), "")


def expected_settings() -> list[str]:
    """The settings in which environments differ, each with ``*`` for any one key."""
    return list(_REASONS)


_PATTERNS = [(pattern.split("."), why) for pattern, why in _REASONS.items()]


def _fits(pattern: list[str], parts: list[str]) -> bool:
    same_length = len(pattern) == len(parts)
    return same_length and all(each in ("*", part) for each, part in zip(pattern, parts, strict=True))
