"""The pod template of a service."""

from components.manifests.env_vars import HOME, env_vars
from components.manifests.metadata import Manifest, selector, service_labels, without_none
from components.manifests.probes import probes
from components.manifests.registration import (
    life_cycle_hooks,
    registration_env,
    registration_mounts,
    registration_sidecar,
    registration_volumes,
)
from components.manifests.security import container_security, pod_security
from components.manifests.wiring import Siblings, Wiring
from config import StackSettings
from config.image import ADOPTED

ALB_GATE = "target-health.alb.k8s.alibabacloud"
EIP_GATE = "k8s.aliyun.com/eip"
WITH_EIP = "k8s.aliyun.com/pod-with-eip"
"""The annotation that gives a pod an EIP."""
ROLLOUT = "ack-platform/rollout"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""What `kubectl rollout restart` writes, and what other tools show as the time of a restart."""


def pod_template(settings: StackSettings, name: str, wiring: Wiring, siblings: Siblings) -> Manifest:
    """Labels, annotations and specification of a service's pods."""
    service = settings.services[name]
    mode = settings.registration_mode(name)
    return {
        "metadata": {
            "labels": {**service_labels(settings, name), **selector(settings, name)},
            "annotations": pod_annotations(settings, name),
        },
        "spec": without_none(
            {
                "serviceAccountName": siblings.service_account,
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": settings.life_cycle(name).grace,
                "imagePullSecrets": [{"name": wiring.pull_secret}] if wiring.pull_secret is not None else None,
                "securityContext": pod_security(service.security_profile, service.port),
                "readinessGates": readiness_gates(settings, name) or None,
                "initContainers": [registration_sidecar(settings, name)] if mode == "sidecar" else None,
                "containers": [_container(settings, name)],
                "topologySpreadConstraints": _spread(settings, name) or None,
                "volumes": _volumes(settings, name, wiring, siblings) or None,
            }
        ),
    }


def pod_annotations(settings: StackSettings, name: str) -> dict[str, str]:
    """EIP, metrics, the rollout token and the time of a restart; the service's own annotations beside them."""
    service = settings.services[name]
    annotations: dict[str, str | None] = dict(service.annotations)
    if service.eip is not None:
        annotations[WITH_EIP] = "true"
        annotations["k8s.aliyun.com/eip-bandwidth"] = str(service.eip.bandwidth)
        annotations["k8s.aliyun.com/eip-internet-charge-type"] = service.eip.charge_type
        annotations["k8s.aliyun.com/eip-common-bandwidth-package-id"] = service.eip.bandwidth_package
        if service.eip.release_strategy != "Follow":
            annotations["k8s.aliyun.com/pod-eip-release-strategy"] = service.eip.release_strategy
    if service.metrics is not None:
        annotations["prometheus.io/scrape"] = "true"
        annotations["prometheus.io/path"] = service.metrics.path
        annotations["prometheus.io/port"] = str(service.metrics.port or service.port)
    annotations[ROLLOUT] = None if service.image.rollout == ADOPTED else service.image.rollout
    annotations[RESTARTED_AT] = service.restarted_at
    return without_none(annotations)


def readiness_gates(settings: StackSettings, name: str) -> list[Manifest]:
    """Conditions beside the probes: the ALB has the pod, the EIP is there.

    Only for what will set them: a gate that nobody sets keeps a pod unready for ever.
    """
    service = settings.services[name]
    gates = []
    if service.ingress is not None and service.ingress.readiness_gate and settings.cluster.network == "terway":
        gates.append({"conditionType": ALB_GATE})
    if service.eip is not None:
        gates.append({"conditionType": EIP_GATE})
    return gates


def data_mount(settings: StackSettings, name: str) -> Manifest | None:
    """The NAS at DATA_DIR; None for a service without files."""
    sub_path = settings.sub_path(name)
    return None if sub_path is None else {"name": "data", "mountPath": settings.data_dir(name), "subPath": sub_path}


def _container(settings: StackSettings, name: str) -> Manifest:
    service = settings.services[name]
    hooked = settings.registration_mode(name) == "hooks"
    limits, requests = service.resources.limits, service.resources.requests
    return without_none(
        {
            "name": settings.container(name),
            "image": settings.image(name),
            "imagePullPolicy": settings.pull_policy(name),
            "ports": [{"name": "http", "containerPort": service.port, "protocol": "TCP"}],
            "env": [*env_vars(settings, name), *(registration_env(settings, name) if hooked else [])],
            "resources": {
                "requests": {
                    "cpu": requests.cpu,
                    "memory": service.resources.memory_request,
                    "ephemeral-storage": requests.ephemeral_storage,
                },
                "limits": without_none(
                    {"cpu": limits.cpu, "memory": limits.memory, "ephemeral-storage": limits.ephemeral_storage}
                ),
            },
            **probes(service),
            "lifecycle": life_cycle_hooks(settings, name),
            "securityContext": container_security(service.security_profile),
            "volumeMounts": _mounts(settings, name) or None,
        }
    )


def _mounts(settings: StackSettings, name: str) -> list[Manifest]:
    service = settings.services[name]
    data = data_mount(settings, name)
    mounts = [data] if data else []
    if service.config_files:
        mounts.append({"name": "config-files", "mountPath": service.config_files_path, "readOnly": True})
    if service.security_profile == "restricted":
        mounts.append({"name": "tmp", "mountPath": HOME})
    if settings.registration_mode(name) == "hooks":
        mounts += registration_mounts(settings)
    return mounts


def _volumes(settings: StackSettings, name: str, wiring: Wiring, siblings: Siblings) -> list[Manifest]:
    service = settings.services[name]
    volumes: list[Manifest] = []
    if service.nas is not None:
        volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": wiring.claim}})
    if service.config_files:
        volumes.append({"name": "config-files", "configMap": {"name": siblings.config_files, "defaultMode": 0o444}})
    if service.security_profile == "restricted":
        volumes.append({"name": "tmp", "emptyDir": {"sizeLimit": service.tmp_size}})
    if settings.registration_mode(name) != "none":
        volumes += registration_volumes(settings, siblings.registration, wiring.nacos_secret)
    return volumes


def _spread(settings: StackSettings, name: str) -> list[Manifest]:
    service = settings.services[name]
    if service.most_replicas < 2:  # noqa: PLR2004 -- one pod cannot be spread
        return []
    keys: dict[str, str | None] = {
        "topology.kubernetes.io/zone": service.spread.zone,
        "kubernetes.io/hostname": service.spread.host,
    }
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": when,
            "labelSelector": {"matchLabels": selector(settings, name)},
            # Counted within one ReplicaSet: else the old pods of a rollout push the new ones together.
            "matchLabelKeys": ["pod-template-hash"],
        }
        for key, when in keys.items()
        if when is not None
    ]
