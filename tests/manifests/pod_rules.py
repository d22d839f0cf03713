"""What the API server demands of a pod beyond its schema, and what a pod of ours is never without.

Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from config import quantity

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
KEY_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
DATA_KEY = re.compile(r"(?!\.\.)(?!\.$)[-._a-zA-Z0-9]{1,253}")
_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")


def broken(pod: dict[str, Any]) -> Iterator[str]:
    """Every rule that a pod specification breaks, as a sentence."""
    containers = [*pod.get("initContainers", []), *pod["containers"]]
    yield from twice("container", [each["name"] for each in containers])
    volumes = [each["name"] for each in pod.get("volumes", [])]
    yield from twice("volume", volumes)
    mounted = {mount["name"] for each in containers for mount in each.get("volumeMounts", [])}
    yield from (f"volume {name} is mounted nowhere" for name in sorted(set(volumes) - mounted))
    yield from (f"mount {name} has no volume" for name in sorted(mounted - set(volumes)))
    for name in [*volumes, *(each["name"] for each in containers)]:
        if not LABEL.fullmatch(name):
            yield f"{name} is no DNS label"
    for volume in pod.get("volumes", []):
        if "emptyDir" in volume:
            yield from _whole_bytes(f"volume {volume['name']}", volume["emptyDir"]["sizeLimit"])
    for container in containers:
        for problem in _container(container, pod.get("terminationGracePeriodSeconds", 30)):
            yield f"container {container['name']}: {problem}"
    for secret in pod.get("imagePullSecrets", []):
        if not SUBDOMAIN.fullmatch(secret["name"]):
            yield f"pull Secret {secret['name']} is no object name"


def twice(what: str, names: Iterable[Any]) -> Iterator[str]:
    """Every name that stands there more than once."""
    yield from (f"{what} {name} is there {count} times" for name, count in Counter(names).items() if count > 1)


def _container(container: dict[str, Any], grace: int) -> Iterator[str]:
    env = container.get("env", [])
    yield from twice("variable", [each["name"] for each in env])
    for index, variable in enumerate(env):
        yield from _variable(variable, [each["name"] for each in env[:index]], [each["name"] for each in env])
    yield from _ports(container.get("ports", []))
    yield from _mounts(container.get("volumeMounts", []))
    yield from _resources(container["resources"])
    yield from _probes({name: probe for name, probe in container.items() if name.endswith("Probe")})
    for hook in container.get("lifecycle", {}).values():
        if not 0 < hook.get("sleep", {"seconds": 1})["seconds"] <= grace:
            yield f"sleeps {hook['sleep']['seconds']} s of a grace period of {grace} s"
    drain = next((int(each["value"]) for each in env if each["name"] == "REGISTRATION_DRAIN_SECONDS"), 0)
    if drain > grace:
        yield f"drains {drain} s of a grace period of {grace} s"
    if not container["image"] or container["image"].strip() != container["image"]:
        yield "has no image"


def _ports(ports: list[dict[str, Any]]) -> Iterator[str]:
    yield from twice("port", [(each["containerPort"], each["protocol"]) for each in ports])
    yield from twice("port name", [each.get("name") for each in ports])
    for port in ports:
        if not _PORT_NAME.fullmatch(port.get("name") or "") or not 1 <= port["containerPort"] <= 65535:
            yield f"port {port} is no port"


def _mounts(mounts: list[dict[str, Any]]) -> Iterator[str]:
    yield from twice("mount path", [each["mountPath"] for each in mounts])
    for mount in mounts:
        if not mount["mountPath"].startswith("/") or ":" in mount["mountPath"]:
            yield f"mount path {mount['mountPath']} is not absolute"
        sub_path = mount.get("subPath", "a")
        if sub_path.startswith("/") or ".." in sub_path.split("/"):
            yield f"sub-path {sub_path} leaves the volume"


def _variable(variable: dict[str, Any], before: list[str], all_names: list[str]) -> Iterator[str]:
    name, value = variable["name"], variable.get("value", "")
    if not _ENV_NAME.fullmatch(name):
        yield f"{name} is no variable's name"
    if "\0" in value:
        yield f"{name} has a value that no process can have"
    for used in re.findall(r"(?<!\$)(?:\$\$)*\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)", value):
        if used in all_names and used not in before:
            yield f"{name} uses {used}, which is set after it and so stays as it is written"
    reference = variable.get("valueFrom", {}).get("secretKeyRef")
    if reference and not (SUBDOMAIN.fullmatch(reference["name"]) and DATA_KEY.fullmatch(reference["key"])):
        yield f"{name} comes from {reference['name']}/{reference['key']}, which is no key of a Secret"


def _resources(resources: dict[str, Any]) -> Iterator[str]:
    if not resources:
        yield "has no resources"
        return
    requests, limits = resources["requests"], resources["limits"]
    for resource, request in requests.items():
        if resource in limits and quantity.parse(request) > quantity.parse(limits[resource]):
            yield f"requests {request} of {resource}, which is above the limit of {limits[resource]}"
    for amounts in (requests, limits):
        for resource in {"memory", "ephemeral-storage"} & set(amounts):
            yield from _whole_bytes(resource, amounts[resource])
    if "memory" not in limits:
        yield "has no memory limit"


def _whole_bytes(what: str, amount: str) -> Iterator[str]:
    if quantity.parse(amount).denominator != 1:
        yield f"{what} of {amount} is no whole number of bytes"


def _probes(probes: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name, probe in probes.items():
        yield from _probe(name, probe)
    readiness, liveness = (probes.get(name, {}).get("httpGet") for name in ("readinessProbe", "livenessProbe"))
    if liveness is not None and readiness == liveness:
        yield "liveness asks what readiness asks"


def _probe(name: str, probe: dict[str, Any]) -> Iterator[str]:
    ways = [probe[way] for way in ("httpGet", "tcpSocket", "exec") if way in probe]
    if len(ways) != 1:
        yield f"{name} asks in {len(ways)} ways"
    if "port" in ways[0] and not 1 <= ways[0]["port"] <= 65535:
        yield f"{name} asks port {ways[0]['port']}"
    if not ways[0].get("path", "/").startswith("/"):
        yield f"{name} asks {ways[0]['path']}"
    for seconds in ("periodSeconds", "timeoutSeconds", "failureThreshold"):
        if probe[seconds] < 1:
            yield f"{name} has {seconds} {probe[seconds]}"
