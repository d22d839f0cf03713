"""What a live Service, Ingress, autoscaler and disruption budget say in the words of a service's settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adopt.deployment import Settings, gated
from adopt.finding import annotations_of
from adopt.snapshot import Object
from adopt.workload import Workload
from components.manifests.ingress import PREFIX
from config.checks.annotations import TYPED

_HEALTH = {
    "protocol": "healthcheck-protocol",
    "path": "healthcheck-path",
    "method": "healthcheck-method",
    "intervalSeconds": "healthcheck-interval-seconds",
    "timeoutSeconds": "healthcheck-timeout-seconds",
    "healthyThreshold": "healthy-threshold-count",
    "unhealthyThreshold": "unhealthy-threshold-count",
}


def exposure_settings(workload: Workload, certificates: Mapping[str, list[str]], host_suffix: str | None) -> Settings:
    """``service``, ``ingress``, ``autoscaler`` and ``disruptionBudget``: null where there is no such object.

    Args:
        workload: the live objects of a service.
        certificates: the certificates of each listener, by its key.
        host_suffix: ``environment.hostSuffix``.
    """
    objects = workload.objects
    scaler, budget = objects.get("autoscaler"), objects.get("disruption-budget")
    names = {
        "autoscaler": scaler and scaler["metadata"]["name"],
        "disruptionBudget": budget and budget["metadata"]["name"],
    }
    return {
        "service": _service(workload, objects["service"]) if "service" in objects else None,
        "ingress": _ingress(workload, objects["ingress"], certificates, host_suffix) if "ingress" in objects else None,
        "autoscaler": None if scaler is None else _autoscaler(scaler["spec"]),
        "disruptionBudget": None if budget is None else _budget(budget["spec"]),
        "names": {key: name for key, name in names.items() if name not in (None, workload.name)},
    }


def _service(workload: Workload, live: Object) -> Settings:
    port = (live["spec"].get("ports") or [{}])[0]
    found: Settings = {"port": port.get("port", 80), "name": _other(live, workload)}
    return found | ({"portName": port["name"]} if port.get("name") else {})


def _other(live: Object, workload: Workload) -> str | None:
    name = str(live["metadata"]["name"])
    return None if name == workload.name else name


def listeners_of(ingress: Object) -> list[tuple[int, str]]:
    """Port and protocol of an Ingress's listeners; without the annotation 443 with TLS, else 80.

    Source: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary
    """
    stated = annotations_of(ingress).get(f"{PREFIX}listen-ports")
    usual = [(443, "HTTPS")] if ingress["spec"].get("tls") else [(80, "HTTP")]
    try:
        pairs = [(int(port), str(protocol)) for each in json.loads(stated or "[]") for protocol, port in each.items()]
    except (ValueError, AttributeError, TypeError):
        return usual
    return pairs or usual


def _ingress(workload: Workload, live: Object, certificates: Mapping[str, list[str]], suffix: str | None) -> Settings:
    stated = {key.removeprefix(PREFIX): value for key, value in annotations_of(live).items() if key.startswith(PREFIX)}
    rule = (live["spec"].get("rules") or [{}])[0]
    paths = [
        {"path": each.get("path", "/"), "type": each["pathType"]}
        for each in (rule.get("http") or {}).get("paths") or ()
    ]
    listeners = listeners_of(live)
    redirect = stated.get("ssl-redirect") == "true"
    if redirect and (80, "HTTP") in listeners and (443, "HTTPS") in listeners:
        listeners.remove((80, "HTTP"))  # the redirect brings it
    encrypted = [f"{protocol}/{port}" for port, protocol in listeners if protocol != "HTTP"]
    return {
        "name": _other(live, workload),
        "host": None if suffix and rule.get("host") == f"{workload.name}.{suffix}" else rule.get("host"),
        "paths": paths or [{"path": "/"}],
        "listeners": [{"port": port, "protocol": protocol} for port, protocol in listeners],
        "tls": _tls(live, certificates, encrypted, rule.get("host")) if encrypted else None,
        "redirectToHttps": redirect and (443, "HTTPS") in listeners,
        "backendProtocol": stated.get("backend-protocol", "http"),
        "healthCheck": _health_check(stated),
        "stickySession": _sticky(stated),
        "drainSeconds": _seconds(stated, "connection-drain"),
        "slowStartSeconds": _number(stated.get("slow-start-duration"))
        if stated.get("slow-start-enabled") == "true"
        else None,
        "canary": _canary(stated),
        "order": _number(stated.get("order")),
        "readinessGate": gated(workload.pod),
        "annotations": {f"{PREFIX}{key}": value for key, value in stated.items() if key not in TYPED},
    }


def _tls(live: Object, certificates: Mapping[str, list[str]], encrypted: list[str], host: str | None) -> Settings:
    """A Secret where the Ingress names one; with hosts alone the controller looks for one; else the listener's own."""
    secret = next((each["secretName"] for each in live["spec"].get("tls") or () if each.get("secretName")), None)
    if secret is not None:
        return {"source": "secret", "secretName": secret}
    if live["spec"].get("tls"):
        return {"source": "discovery"}
    shared = [set(certificates.get(key) or ()) for key in encrypted]
    common = sorted(set.intersection(*shared)) if shared else []
    if common:
        return {"source": "certificate", "id": common[0], "covers": [host]}
    return {"source": "discovery"}


def _health_check(stated: Mapping[str, str]) -> Settings | None:
    if stated.get("healthcheck-enabled") != "true":
        return None
    found: Settings = {}
    for key, name in _HEALTH.items():
        if name in stated:
            found[key] = _number(stated[name]) if stated[name].isdigit() else stated[name]
    if "healthcheck-httpcode" in stated:
        found["codes"] = stated["healthcheck-httpcode"].split(",")
    return found


def _sticky(stated: Mapping[str, str]) -> Settings | None:
    if stated.get("sticky-session") != "true":
        return None
    found: Settings = {"type": stated.get("sticky-session-type", "Insert")}
    found |= {"timeoutSeconds": _number(stated["cookie-timeout"])} if "cookie-timeout" in stated else {}
    return found | ({"cookie": stated["cookie"]} if "cookie" in stated else {})


def _canary(stated: Mapping[str, str]) -> Settings | None:
    if stated.get("canary") != "true":
        return None
    if "canary-by-header" in stated:
        return {
            "by": "header",
            "header": stated["canary-by-header"],
            "value": stated.get("canary-by-header-value"),
        }
    return {"by": "weight", "weight": _number(stated.get("canary-weight"))} if "canary-weight" in stated else None


def _seconds(stated: Mapping[str, str], name: str) -> int | None:
    return _number(stated.get(f"{name}-timeout")) if stated.get(f"{name}-enabled") == "true" else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _autoscaler(spec: Mapping[str, Any]) -> Settings:
    found: Settings = {"minReplicas": spec.get("minReplicas", 1), "maxReplicas": spec["maxReplicas"]}
    for each in spec.get("metrics") or ():
        metric = each.get("resource") or each.get("containerResource") or {}
        share = (metric.get("target") or {}).get("averageUtilization")
        if metric.get("name") == "cpu" and share is not None:
            found["cpuPercent"] = share
            break
    down = ((spec.get("behavior") or {}).get("scaleDown") or {}).get("stabilizationWindowSeconds")
    return found | ({"scaleDownSeconds": down} if down else {})


def _budget(spec: Mapping[str, Any]) -> Settings:
    allowed = spec.get("maxUnavailable")
    return {"maxUnavailable": allowed} if isinstance(allowed, int) else {}
