"""Deployments: what their pods refer to, and what they need.

The demand is replicas times pod, plus the surge of the one rollout at hand; pods of other rollouts, of Jobs, and
replicas that an autoscaler adds are not counted. Amounts are in thousandths (of a core, of a byte), so whole numbers.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.cloud.contents import Contents, key
from sandbox.cloud.refusal import Refusal

DEPLOYMENT = "kubernetes:apps/Deployment"
LIMIT_RANGE = "kubernetes:core/LimitRange"
_UNITS = {"m": 1, "": 1000, "k": 10**6, "M": 10**9, "G": 10**12, "T": 10**15, "P": 10**18}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
COUNTED = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""The amounts that are counted, beside the pods themselves."""
_DEFAULT_SURGE = "25%"
_VOLUME_SOURCES = (
    ("PersistentVolumeClaim", "persistentVolumeClaim", "claimName"),
    ("ConfigMap", "configMap", "name"),
    ("Secret", "secret", "secretName"),
)
_ENVIRONMENT_SOURCES = {
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that pods name: its key in the cloud, and the event when it is not there."""

    key: str
    problem: str


def thousandths(quantity: str | float) -> int:
    """Return a Kubernetes quantity in thousandths: ``250m`` is 250, ``1Ki`` is 1 024 000."""
    text = str(quantity)
    for unit, factor in _BINARY.items():
        if text.endswith(unit):
            return math.ceil(Decimal(text.removesuffix(unit)) * factor * 1000)
    number = text.rstrip("mkMGTP")
    return math.ceil(Decimal(number) * _UNITS[text[len(number) :]])


def demand_matching_selector(plain: dict[str, Any]) -> None:
    """Refuse a Deployment whose selector does not choose its own pods.

    Raises:
        Refusal: in the words of the API server.
    """
    wanted = plain["spec"].get("selector", {}).get("matchLabels", {})
    labels = plain["spec"]["template"].get("metadata", {}).get("labels", {})
    if any(labels.get(name) != value for name, value in wanted.items()):
        name, written = plain["metadata"]["name"], json.dumps(labels, separators=(",", ":"), sort_keys=True)
        raise Refusal(
            f'Deployment.apps "{name}" is invalid: spec.template.metadata.labels: Invalid value: {written}: '
            "`selector` does not match template `labels`"
        )


def references(plain: dict[str, Any]) -> list[Reference]:
    """Return what the pods of a Deployment name and need in their namespace."""
    namespace = plain["metadata"]["namespace"]
    pod = plain["spec"]["template"]["spec"]
    found: list[tuple[str, str, str]] = []
    account = pod.get("serviceAccountName", "default")
    if account != "default":  # every namespace has that one
        reason = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
        found.append(("ServiceAccount", account, failed_create(plain, reason, named=False)))
    for secret in pod.get("imagePullSecrets", []):
        text = f"Unable to retrieve some image pull secrets ({secret['name']})"
        problem = f"FailedToRetrieveImagePullSecret: {text}; attempting to pull the image may not succeed."
        found.append(("Secret", secret["name"], problem))
    for volume in pod.get("volumes", []):
        found += _mounted(volume)
    for container in [*pod.get("initContainers", []), *pod.get("containers", [])]:
        found += _read_by(container)
    return [Reference(key(f"kubernetes:core/{kind}", f"{namespace}/{other}"), text) for kind, other, text in found]


def _mounted(volume: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for kind, source, field in _VOLUME_SOURCES:
        if source not in volume or volume[source].get("optional"):
            continue
        other = volume[source][field]
        problem = (
            f'FailedMount: MountVolume.SetUp failed for volume "{volume["name"]}" : {kind.lower()} "{other}" not found'
        )
        if kind == "PersistentVolumeClaim":
            text = f'0/4 nodes are available: persistentvolumeclaim "{other}" not found. not found'
            problem = f"FailedScheduling: {text}"
        yield kind, other, problem


def _read_by(container: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    sources = [*container.get("envFrom", []), *(env.get("valueFrom") or {} for env in container.get("env", []))]
    for source in sources:
        for field, kind in _ENVIRONMENT_SOURCES.items():
            reference = source.get(field)
            if reference and not reference.get("optional"):
                yield kind, reference["name"], f'Failed: Error: {kind.lower()} "{reference["name"]}" not found'


def demand(contents: Contents, plain: dict[str, Any]) -> dict[str, int]:
    """Return what all replicas together take; a resource that some container does not state is left out."""
    replicas = plain["spec"].get("replicas", 1)
    pod = plain["spec"]["template"]["spec"]
    defaults = _defaults(contents, plain["metadata"]["namespace"])
    started = pod.get("initContainers", [])
    lasting = [*pod.get("containers", []), *(each for each in started if each.get("restartPolicy") == "Always")]
    passing = [each for each in started if each.get("restartPolicy") != "Always"]
    total = {"pods": 1000 * replicas}
    for name in COUNTED:
        amounts = [_amount(container, name, defaults) for container in lasting]
        if None in amounts:
            continue
        largest = max((_amount(container, name, defaults) or 0 for container in passing), default=0)
        total[name] = replicas * max(sum(amount or 0 for amount in amounts), largest)
    return total


def surge(plain: dict[str, Any], old: dict[str, Any] | None) -> int:
    """Return how many pods a rollout has beyond the replicas; 0 where the pods stay as they are."""
    replicas = plain["spec"].get("replicas", 1)
    strategy = plain["spec"].get("strategy", {})
    if old is None or old["spec"].get("template") == plain["spec"]["template"] or strategy.get("type") == "Recreate":
        return 0
    stated = str(strategy.get("rollingUpdate", {}).get("maxSurge", _DEFAULT_SURGE))
    return math.ceil(replicas * int(stated[:-1]) / 100) if stated.endswith("%") else int(stated)


def unstated(contents: Contents, plain: dict[str, Any], name: str) -> list[str]:
    """Return the containers of a Deployment's pods that state no such amount, and get none by default."""
    pod = plain["spec"]["template"]["spec"]
    defaults = _defaults(contents, plain["metadata"]["namespace"])
    containers = [*pod.get("initContainers", []), *pod.get("containers", [])]
    return sorted(each["name"] for each in containers if _amount(each, name, defaults) is None)


def failed_create(plain: dict[str, Any], reason: str, *, named: bool) -> str:
    """Return the event of a pod that the API server refused, before or after it got a name."""
    template = json.dumps(plain["spec"]["template"], sort_keys=True)
    digest = hashlib.sha256(template.encode()).hexdigest()
    pod = f"{plain['metadata']['name']}-{digest[:10]}-{digest[10:15] if named else ''}"
    return f'FailedCreate: Error creating: pods "{pod}" is forbidden: {reason}'


def _defaults(contents: Contents, namespace: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in contents.of_type(LIMIT_RANGE):
        if not entry.id.startswith(f"{namespace}/"):
            continue
        for limit in entry.object["spec"]["limits"]:
            if limit.get("type") == "Container":
                found |= {f"limits.{name}": value for name, value in limit.get("default", {}).items()}
                requests = {**limit.get("default", {}), **limit.get("defaultRequest", {})}
                found |= {f"requests.{name}": value for name, value in requests.items()}
    return found


def _amount(container: dict[str, Any], name: str, defaults: dict[str, str]) -> int | None:
    part, _, resource = name.partition(".")
    resources = container.get("resources", {})
    stated = resources.get(part, {}).get(resource)
    if stated is None and part == "requests":
        stated = resources.get("limits", {}).get(resource)  # a limit without a request is the request too
    stated = defaults.get(name) if stated is None else stated
    return None if stated is None else thousandths(stated)
