"""What a live Deployment says in the words of a service's settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from adopt.snapshot import Object
from adopt.workload import Workload
from components.manifests.pod import ALB_GATE
from components.manifests.security import container_security, pod_security
from config import quantity
from config.checks.labels import reserved_label
from config.image import ADOPTED, Image
from config.service import SecurityProfile
from config.workload import Requests

Settings: TypeAlias = dict[str, Any]
"""Settings as they stand in a stack file."""

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_OURS = ("app.kubernetes.io/", "env")
_EIP = "k8s.aliyun.com/"
_METRICS = "prometheus.io/"
_UNTYPED = ("pulumi.com/", "deployment.kubernetes.io/", "kubectl.kubernetes.io/", "ack-platform/")


@dataclass(frozen=True)
class Surroundings:
    """What the services of a namespace have in common."""

    environment: str
    """``environment.name``."""
    data_dir: str
    """``environment.dataDir``."""
    repository: str
    """``registry.repository``."""

    def usual_data_dir(self, service: str) -> str:
        """DATA_DIR of a service that states none."""
        return self.data_dir.replace("{environment}", self.environment).replace("{service}", service)


def deployment_settings(workload: Workload, around: Surroundings) -> Settings:
    """The settings with which the builder makes the same fields; what no setting says is left out.

    Keys that would make objects, mounts or annotations are stated even where they are off: the catalogue may have them.
    """
    live, pod, container = workload.deployment["spec"], workload.pod, workload.container
    annotations = dict((live["template"].get("metadata") or {}).get("annotations") or {})
    image = image_settings(container["image"], f"{around.repository}/{workload.name}")
    return {
        "image": image,
        "imagePullPolicy": _pull_policy(container, image),
        "replicas": live.get("replicas", 1),
        "port": port_of(container),
        "resources": resources(container.get("resources") or {}),
        "nas": _nas(container, pod, workload.name, around),
        "dataDir": _data_dir(container, pod, workload.name, around),
        "probes": probes(container),
        "registration": {"mode": "none"},
        "securityProfile": _security(pod, container),
        "serviceAccount": pod.get("serviceAccountName") or "default",
        "spread": _spread(pod),
        "eip": _eip(annotations),
        "metrics": _metrics(annotations, container),
        "logs": None,
        "labels": _labels(workload),
        "annotations": {key: value for key, value in annotations.items() if not _typed(key)},
        "names": _names(workload),
        "revisionHistory": live.get("revisionHistoryLimit", 10),
        "selectorLabels": _selector(workload, around.environment),
    }


def image_settings(reference: str, usual: str) -> Settings:
    """An image reference: repository unless it is the usual one, tag, digest, and a token beside a moving tag."""
    named, _, digest = reference.partition("@")
    head, _, last = named.rpartition("/")
    last, _, tag = last.partition(":")
    repository = f"{head}/{last}" if head else last
    image: Settings = {} if repository == usual else {"repository": repository}
    image |= {"tag": tag or "latest"} if tag or not digest else {}
    image |= {"digest": digest} if digest else {}
    if Image.model_construct(tag=image.get("tag"), digest=digest or None).moves:
        image["rollout"] = ADOPTED
    return image


def port_of(container: Object) -> int:
    """The port that Spring listens on: the container's, else the one that a probe asks; 80 in the guide."""
    for each in container.get("ports") or ():
        if each.get("protocol", "TCP") == "TCP":
            return int(each["containerPort"])
    return next((port for port in _probed_ports(container) if isinstance(port, int)), 80)


def resources(live: Mapping[str, Any]) -> Settings:
    """Requests and limits, as they are written; a request is stated where the default would be above its limit."""
    found: Settings = {"requests": {}, "limits": {}}
    for kind in found:
        for key, name in _AMOUNTS.items():
            amount = (live.get(kind) or {}).get(name)
            if amount is not None:
                found[kind][key] = str(amount)
    defaults = {"cpu": Requests().cpu, "ephemeralStorage": Requests().ephemeral_storage}
    for key, default in defaults.items():
        limit = found["limits"].get(key)
        if limit is not None and key not in found["requests"] and _amount(limit) < _amount(default):
            found["requests"][key] = limit
    if "memory" not in found["requests"]:
        found["requests"]["memory"] = None
    return {kind: amounts for kind, amounts in found.items() if amounts}


_AMOUNTS = {"cpu": "cpu", "memory": "memory", "ephemeralStorage": "ephemeral-storage"}


def _amount(text: str) -> Fraction:
    try:
        return quantity.parse(text)
    except ValueError:
        return quantity.parse("1Ti")


def probes(container: Object) -> Settings:
    """Type, ports, paths, budget and times of the probes, each where the builder's probe then has the same."""
    startup, readiness, liveness = (container.get(each) or {} for each in _PROBES)
    asked = [each for each in (readiness, liveness, startup) if each]
    if not asked:
        return {}
    kind = "http" if any("httpGet" in each for each in asked) else "tcp"
    found: Settings = {"type": kind}
    if readiness:
        found |= {
            "periodSeconds": readiness.get("periodSeconds", 10),
            "timeoutSeconds": readiness.get("timeoutSeconds", 1),
        }
    if startup:
        found["startupSeconds"] = startup.get("failureThreshold", 3) * startup.get("periodSeconds", 10)
    paths = {"readinessPath": readiness, "livenessPath": liveness}
    for key, probe in paths.items():
        if kind == "http" and "httpGet" in probe:
            found[key] = probe["httpGet"].get("path", "/")
    ports = _probed_ports(container)
    return found | ({"port": ports[0]} if len(ports) == 1 and ports != [port_of(container)] else {})


def _probed_ports(container: Object) -> list[Any]:
    """The ports that the probes ask, each once."""
    probes_ = [container.get(each) or {} for each in _PROBES]
    ports = [probe[way]["port"] for probe in probes_ for way in ("tcpSocket", "httpGet") if way in probe]
    return list(dict.fromkeys(ports))


def _pull_policy(container: Object, image: Settings) -> str | None:
    """None where it is the one that the image's form gives by itself."""
    stated = str(container.get("imagePullPolicy", "IfNotPresent"))
    return None if stated == ("IfNotPresent" if image.get("digest") else "Always") else stated


def claimed(pod: Object, container: Object) -> tuple[Object, str] | None:
    """The first mount of a claim, and the claim's name: the NAS at DATA_DIR."""
    claims = {
        each["name"]: str(each["persistentVolumeClaim"]["claimName"])
        for each in pod.get("volumes") or ()
        if "persistentVolumeClaim" in each
    }
    mounts = [each for each in container.get("volumeMounts") or () if each["name"] in claims]
    stated = variable(container, "DATA_DIR")
    mounts.sort(key=lambda each: each["mountPath"] != stated)
    return (mounts[0], claims[mounts[0]["name"]]) if mounts else None


def variable(container: Object, name: str) -> str | None:
    """The plain value of an environment variable."""
    found = (each.get("value") for each in container.get("env") or () if each["name"] == name)
    return next((str(each) for each in found if each is not None), None)


def live_data_dir(pod: Object, container: Object) -> str | None:
    """DATA_DIR: the variable, else where the claim is mounted."""
    mount = claimed(pod, container)
    return variable(container, "DATA_DIR") or (str(mount[0]["mountPath"]) if mount else None)


def _data_dir(container: Object, pod: Object, name: str, around: Surroundings) -> str | None:
    live = live_data_dir(pod, container)
    return None if live in (None, around.usual_data_dir(name)) else live


def _nas(container: Object, pod: Object, name: str, around: Surroundings) -> Settings | None:
    mount = claimed(pod, container)
    if mount is None:
        return None
    data_dir = live_data_dir(pod, container) or around.usual_data_dir(name)
    sub_path = mount[0].get("subPath")
    return {"subPath": None if sub_path == data_dir.removeprefix("/") else sub_path}


def _security(pod: Object, container: Object) -> SecurityProfile:
    """The profile whose security contexts are the live ones; ``legacy`` where there is none, or another."""
    profiles: tuple[SecurityProfile, ...] = ("restricted", "baseline")
    for profile in profiles:
        wanted = (pod_security(profile, port_of(container)), container_security(profile))
        if (pod.get("securityContext") or None, container.get("securityContext") or None) == wanted:
            return profile
    return "legacy"


def _spread(pod: Object) -> Settings:
    keys = {"topology.kubernetes.io/zone": "zone", "kubernetes.io/hostname": "host"}
    found: Settings = dict.fromkeys(keys.values())
    for each in pod.get("topologySpreadConstraints") or ():
        if each["topologyKey"] in keys:
            found[keys[each["topologyKey"]]] = each["whenUnsatisfiable"]
    return found


def _eip(annotations: Mapping[str, str]) -> Settings | None:
    if annotations.get(f"{_EIP}pod-with-eip") != "true":
        return None
    found: Settings = {}
    bandwidth = annotations.get(f"{_EIP}eip-bandwidth", "")
    found |= {"bandwidth": int(bandwidth)} if bandwidth.isdigit() else {}
    keys = {"eip-internet-charge-type": "chargeType", "eip-common-bandwidth-package-id": "bandwidthPackage"}
    return found | {keys[key]: annotations[f"{_EIP}{key}"] for key in keys if f"{_EIP}{key}" in annotations}


def _metrics(annotations: Mapping[str, str], container: Object) -> Settings | None:
    if annotations.get(f"{_METRICS}scrape") != "true":
        return None
    stated = annotations.get(f"{_METRICS}port", "")
    port = int(stated) if stated.isdigit() and int(stated) != port_of(container) else None
    return {"path": annotations.get(f"{_METRICS}path", "/metrics"), "port": port}


def _typed(key: str) -> bool:
    """Whether an annotation of the pod template is a setting's, or somebody else's."""
    eip = key.startswith(f"{_EIP}eip-") or key in (f"{_EIP}pod-with-eip", f"{_EIP}pod-eip-release-strategy")
    return eip or key.startswith((_METRICS, *_UNTYPED))


def _labels(workload: Workload) -> dict[str, str]:
    """The labels that all objects of the service and its pods carry."""
    all_of_them = [workload.pod_labels, *((each["metadata"].get("labels") or {}) for each in workload.objects.values())]
    counted = Counter(item for each in all_of_them for item in each.items())
    common = {key: value for (key, value), count in counted.items() if count == len(all_of_them)}
    return {key: value for key, value in common.items() if not key.startswith(_OURS) and not reserved_label(key)}


def _names(workload: Workload) -> Settings:
    found = {"deployment": workload.deployment["metadata"]["name"], "container": workload.container["name"]}
    return {key: None if value == workload.name else value for key, value in found.items()}


def _selector(workload: Workload, environment: str) -> dict[str, str] | None:
    ours = {"app.kubernetes.io/name": workload.name, "app.kubernetes.io/instance": environment}
    live = dict(workload.deployment["spec"]["selector"].get("matchLabels") or {})
    return None if live == ours or not live else live


def gated(pod: Object) -> bool:
    """Whether pods wait for the ALB before they count as Ready."""
    return any(each["conditionType"] == ALB_GATE for each in pod.get("readinessGates") or ())
