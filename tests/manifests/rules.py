"""What the API server and its controllers demand of a stack's objects beyond their schemas.

No server is needed to see that a selector selects its pods, that a mount has a volume, or that a name is too long.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_network
from typing import Any

from components.manifests.metadata import Manifest
from config import quantity
from tests.manifests import pod_rules
from tests.manifests.pod_rules import DATA_KEY, KEY_NAME, LABEL, LABEL_VALUE, SUBDOMAIN, twice

_SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_CRON_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_COUNTED = re.compile(r"(?!.*\.(cpu|memory|ephemeral-storage|storage)$)(?!cpu$|memory$|ephemeral-storage$).+")


def broken(objects: Sequence[Manifest]) -> list[str]:
    """Every rule that the objects of one stack break, as sentences that name the object."""
    return [
        f"{each['kind']} {each['metadata']['name']}: {problem}"
        for each in objects
        for problem in (*_metadata(each), *_RULES.get(each["kind"], _nothing)(each, objects))
    ] + list(twice("object", [(each["kind"], each["metadata"]["name"]) for each in objects]))


def pod_template(manifest: Manifest) -> Manifest | None:
    """The pod template of a Deployment or CronJob; None for anything else."""
    if manifest["kind"] == "Deployment":
        return dict(manifest["spec"]["template"])
    if manifest["kind"] == "CronJob":
        return dict(manifest["spec"]["jobTemplate"]["spec"]["template"])
    return None


def _nothing(_manifest: Manifest, _objects: Sequence[Manifest]) -> Iterator[str]:
    yield from ()


def _metadata(manifest: Manifest) -> Iterator[str]:
    metadata = manifest["metadata"]
    form = LABEL if manifest["kind"] in ("Namespace", "Service") else SUBDOMAIN
    if not form.fullmatch(metadata["name"]):
        yield "its name is none of its kind"
    template = pod_template(manifest) or {"metadata": {}}
    for each in (metadata, template["metadata"]):
        for key in (*each.get("labels", {}), *each.get("annotations", {})):
            prefix, slash, name = key.rpartition("/")
            if not KEY_NAME.fullmatch(name) or (slash and not SUBDOMAIN.fullmatch(prefix)):
                yield f"{key} is no key of a label or annotation"
        for value in each.get("labels", {}).values():
            if not LABEL_VALUE.fullmatch(value):
                yield f"{value!r} is no label's value"
        if sum(len(key) + len(value.encode()) for key, value in each.get("annotations", {}).items()) > 256 * 1024:
            yield "its annotations are too large"


def _deployment(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    spec, template = manifest["spec"], manifest["spec"]["template"]
    yield from pod_rules.broken(template["spec"])
    selector, labels = spec["selector"]["matchLabels"], template["metadata"]["labels"]
    if not _selects(selector, labels):
        yield "its selector does not select its own pods"
    for other in _all(objects, "Deployment"):
        if other is not manifest and _selects(selector, other["spec"]["template"]["metadata"]["labels"]):
            yield f"its selector selects the pods of {other['metadata']['name']} too"
    for key, value in selector.items():
        if not LABEL_VALUE.fullmatch(value):
            yield f"{key}={value} is no selector"
    yield from _rollout(spec)
    for constraint in template["spec"].get("topologySpreadConstraints", []):
        wanted = constraint["labelSelector"]["matchLabels"]
        if not _selects(wanted, labels) or set(constraint["matchLabelKeys"]) & set(wanted):
            yield "it spreads other pods than its own"


def _rollout(spec: Manifest) -> Iterator[str]:
    if spec["progressDeadlineSeconds"] <= spec["minReadySeconds"]:
        yield "its deadline is not above minReadySeconds"
    if set(spec["strategy"]["rollingUpdate"].values()) == {0}:
        yield "its rollout can neither add nor remove a pod"


def _service(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    if not _SERVICE_NAME.fullmatch(manifest["metadata"]["name"]):
        yield "no Service may have this name before Kubernetes 1.36"
    selected = [
        each
        for each in _all(objects, "Deployment")
        if _selects(manifest["spec"]["selector"], each["spec"]["template"]["metadata"]["labels"])
    ]
    if len(selected) != 1:
        yield f"it selects the pods of {len(selected)} Deployments"
    ports = {port["containerPort"] for each in selected for port in _app(each)["ports"]}
    targets = [port.get("targetPort", port["port"]) for port in manifest["spec"]["ports"]]
    yield from (f"no container listens on {target}" for target in targets if target not in ports)


def _ingress(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    services = {each["metadata"]["name"]: each["spec"]["ports"] for each in _all(objects, "Service")}
    for rule in manifest["spec"]["rules"]:
        if not SUBDOMAIN.fullmatch(rule["host"].removeprefix("*.")):
            yield f"{rule['host']} is no host"
        yield from twice("path", [(path["path"], path["pathType"]) for path in rule["http"]["paths"]])
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            if backend["port"]["number"] not in [port["port"] for port in services.get(backend["name"], [])]:
                yield f"there is no Service {backend['name']} with port {backend['port']['number']}"
            if path["pathType"] != "ImplementationSpecific" and re.search(r"//|/\.\.?(/|$)|%2[fF]", path["path"]):
                yield f"{path['path']} is no {path['pathType']} path"
    if any(not isinstance(value, str) for value in manifest["metadata"]["annotations"].values()):
        yield "an annotation is no string"


def _autoscaler(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    spec = manifest["spec"]
    [target] = [e for e in _all(objects, "Deployment") if e["metadata"]["name"] == spec["scaleTargetRef"]["name"]]
    if not 1 <= spec["minReplicas"] <= spec["maxReplicas"]:
        yield "its bounds are in the wrong order"
    if "replicas" in target["spec"]:
        yield "its Deployment states replicas too"
    for metric in spec["metrics"]:
        if metric["type"] == "ContainerResource" and metric["containerResource"]["container"] != _app(target)["name"]:
            yield "it measures a container that is not there"


def _disruption_budget(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    [target] = [
        each
        for each in _all(objects, "Deployment")
        if each["spec"]["selector"]["matchLabels"] == manifest["spec"]["selector"]["matchLabels"]
    ]
    scalers = [e["spec"] for e in _all(objects, "HorizontalPodAutoscaler")]
    fewest = next(
        (e["minReplicas"] for e in scalers if e["scaleTargetRef"]["name"] == target["metadata"]["name"]),
        target["spec"].get("replicas", 1),
    )
    if manifest["spec"]["maxUnavailable"] >= fewest:
        yield f"it lets all {fewest} pods go at once"


def _network_policy(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    spec = manifest["spec"]
    wanted = spec["podSelector"].get("matchLabels", {})
    templates = filter(None, map(pod_template, objects))
    if not any(_selects(wanted, template["metadata"]["labels"]) for template in templates):
        yield "it applies to no pod"
    for rule in (*spec.get("ingress", []), *spec.get("egress", [])):
        for peer in (*rule.get("from", []), *rule.get("to", [])):
            if "ipBlock" in peer:
                ip_network(peer["ipBlock"]["cidr"], strict=True)
        for port in rule.get("ports", []):
            if not 1 <= port["port"] <= 65535:
                yield f"{port['port']} is no port"


def _cron_job(manifest: Manifest, _objects: Sequence[Manifest]) -> Iterator[str]:
    spec = manifest["spec"]
    yield from pod_rules.broken(spec["jobTemplate"]["spec"]["template"]["spec"])
    if len(manifest["metadata"]["name"]) > 52:
        yield "its name is too long for a Job's"
    for field, (low, high) in zip(spec["schedule"].split(" "), _CRON_BOUNDS, strict=True):
        numbers = [int(n) for part in field.split(",") for n in re.findall(r"\d+", part.partition("/")[0])]
        if any(not low <= number <= high for number in numbers):
            yield f"{field} of its schedule {spec['schedule']} is not within {low}-{high}"
    if not re.fullmatch(r"[-A-Za-z0-9._+]{1,14}(/[-A-Za-z0-9._+]{1,14})*", spec["timeZone"]):
        yield f"{spec['timeZone']} is no time zone"


def _quota(manifest: Manifest, _objects: Sequence[Manifest]) -> Iterator[str]:
    for resource, hard in manifest["spec"]["hard"].items():
        if _COUNTED.fullmatch(resource) and quantity.parse(hard).denominator != 1:
            yield f"{hard} of {resource} is no whole number"


def _config_map(manifest: Manifest, _objects: Sequence[Manifest]) -> Iterator[str]:
    yield from (f"{key} is no key" for key in manifest["data"] if not DATA_KEY.fullmatch(key))
    if sum(len(value.encode()) for value in manifest["data"].values()) > 2**20:
        yield "it is too large"


def _secret(manifest: Manifest, _objects: Sequence[Manifest]) -> Iterator[str]:
    yield from (f"{key} is no key" for key in manifest["data"] if not DATA_KEY.fullmatch(key))
    for value in manifest["data"].values():
        text = base64.b64decode(value, validate=True)
        if manifest["type"] == "kubernetes.io/dockerconfigjson":
            json.loads(text)["auths"]


def _volume(manifest: Manifest, objects: Sequence[Manifest]) -> Iterator[str]:
    [claim] = _all(objects, "PersistentVolumeClaim")
    reference = manifest["spec"]["claimRef"]
    if (reference["name"], claim["spec"]["volumeName"]) != (claim["metadata"]["name"], manifest["metadata"]["name"]):
        yield "it and its claim do not name each other"
    if claim["spec"]["resources"]["requests"]["storage"] != manifest["spec"]["capacity"]["storage"]:
        yield "it and its claim differ in size"


def _all(objects: Sequence[Manifest], kind: str) -> list[Manifest]:
    return [each for each in objects if each["kind"] == kind]


def _app(deployment: Manifest) -> Any:
    return deployment["spec"]["template"]["spec"]["containers"][0]


def _selects(selector: Manifest, labels: Manifest) -> bool:
    return selector.items() <= labels.items()


_RULES: dict[str, Callable[[Manifest, Sequence[Manifest]], Iterator[str]]] = {
    "ConfigMap": _config_map,
    "CronJob": _cron_job,
    "Deployment": _deployment,
    "HorizontalPodAutoscaler": _autoscaler,
    "Ingress": _ingress,
    "NetworkPolicy": _network_policy,
    "PersistentVolume": _volume,
    "PodDisruptionBudget": _disruption_budget,
    "ResourceQuota": _quota,
    "Secret": _secret,
    "Service": _service,
}
