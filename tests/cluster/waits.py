"""What pulumi-kubernetes waits for after it has written an object.

Source: https://github.com/pulumi/pulumi-kubernetes/tree/master/provider/pkg/await, and for the annotations
https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#pulumi-kubernetes-resource-annotations.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.cluster.api import Api, Object

FIXED = ("PersistentVolume", "PersistentVolumeClaim", "ResourceQuota")
"""Kinds whose wait has a bound of its own in the provider: five minutes, five and one."""

SETTLE_SECONDS = {"Service": 10.0}
"""For how long nothing may be missing, by kind: the provider watches a Service's endpoints until they are quiet."""

_JSON_PATH = re.compile(r"^jsonpath=\{((?:\.\w+)+)\}$")


def waiting_for(api: Api, stated: Object) -> str | None:
    """What an object still has to do before the program goes on; None once there is nothing more."""
    annotations = stated["metadata"].get("annotations") or {}
    if annotations.get("pulumi.com/skipAwait") == "true":
        return None
    live = api.live(stated)
    if live is None:
        return "it is gone"
    if wanted := annotations.get("pulumi.com/waitFor"):
        return _json_path(live, wanted)
    kind = _KINDS.get(stated["kind"])
    return kind(api, live) if kind else None


def awaited(stated: Object) -> bool:
    """Whether the provider waits for an object after it has written it."""
    annotations = stated["metadata"].get("annotations") or {}
    return annotations.get("pulumi.com/skipAwait") != "true" and (
        "pulumi.com/waitFor" in annotations or stated["kind"] in _KINDS
    )


def settle_seconds(stated: Object) -> float:
    """For how long nothing may be missing before the program goes on."""
    skipped = (stated["metadata"].get("annotations") or {}).get("pulumi.com/skipAwait") == "true"
    return 0.0 if skipped else SETTLE_SECONDS.get(stated["kind"], 0.0)


def _json_path(live: Object, wanted: str) -> str | None:
    match = _JSON_PATH.match(wanted)
    assert match, f"not a wait that is known here: {wanted}"
    value: object = live
    for key in match[1].strip(".").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return None if value else f"{wanted} is empty"


def _deployment(api: Api, live: Object) -> str | None:
    status, metadata = live.get("status") or {}, live["metadata"]
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    revision = (metadata.get("annotations") or {}).get("deployment.kubernetes.io/revision")
    if status.get("observedGeneration") != metadata["generation"] or revision is None:
        return "the controller has not seen it"
    if conditions.get("Available", {}).get("status") != "True":
        return "it is not Available"
    progress = conditions.get("Progressing", {})
    if revision != "1" and (progress.get("status"), progress.get("reason")) != ("True", "NewReplicaSetAvailable"):
        return "its rollout is in progress"
    for each in api.objects("apps/v1", "ReplicaSet", metadata["namespace"]):
        owners = {owner["uid"] for owner in each["metadata"].get("ownerReferences") or ()}
        same = (each["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision") == revision
        if metadata["uid"] in owners and same:
            ready, wanted = (each.get("status") or {}).get("readyReplicas", 0), each["spec"]["replicas"]
            return None if ready >= wanted else f"{ready} of {wanted} pods are ready"
    return "it has no ReplicaSet"


def _service(api: Api, live: Object) -> str | None:
    if live["spec"].get("clusterIP") == "None" or not live["spec"].get("selector"):
        return None
    endpoints = _endpoints(api, live["metadata"]["namespace"]).get(live["metadata"]["name"])
    if endpoints is None:
        return "it has no Endpoints"
    unready = any(subset.get("notReadyAddresses") for subset in endpoints.get("subsets") or ())
    return "some of its endpoints are not ready" if unready else None


def _ingress(api: Api, live: Object) -> str | None:
    if not ((live.get("status") or {}).get("loadBalancer") or {}).get("ingress"):
        return "it has no address"
    endpoints = _endpoints(api, live["metadata"]["namespace"])
    for rule in live["spec"].get("rules") or ():
        for path in rule["http"]["paths"]:
            service = path["backend"]["service"]["name"]
            if service not in endpoints:
                return f"its Service {service} has no Endpoints"
    return None


def _endpoints(api: Api, namespace: str) -> dict[str, Object]:
    """The Endpoints of a namespace by name. Listed, as the provider does: it has no right to get one."""
    return {each["metadata"]["name"]: each for each in api.objects("v1", "Endpoints", namespace)}


def _volume(_: Api, live: Object) -> str | None:
    phase = (live.get("status") or {}).get("phase")
    return None if phase in ("Available", "Bound") else f"its phase is {phase}"


def _claim(_: Api, live: Object) -> str | None:
    phase = (live.get("status") or {}).get("phase")
    return None if phase == "Bound" else f"its phase is {phase}"


def _quota(_: Api, live: Object) -> str | None:
    seen = (live.get("status") or {}).get("hard") == live["spec"]["hard"]
    return None if seen else "its limits are not in force"


_KINDS: dict[str, Callable[[Api, Object], str | None]] = {
    "Deployment": _deployment,
    "Service": _service,
    "Ingress": _ingress,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim,
    "ResourceQuota": _quota,
}
