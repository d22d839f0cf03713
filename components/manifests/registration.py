"""Registration with Nacos as part of a pod: the native sidecar, or the hooks of the application container."""

from pathlib import Path
from typing import Final

from components.manifests.metadata import Manifest, Opaque, content_name, metadata, service_labels, without_none
from components.manifests.security import container_security
from config import StackSettings
from config.registration import (
    CREDENTIALS_DIRECTORY,
    SCRIPT_DIRECTORY,
    SIDECAR_LIMITS,
    SIDECAR_NAME,
    SIDECAR_REQUESTS,
    STATE_DIRECTORY,
)

SCRIPT: Final = "registration.sh"
_SCRIPTS_FOLDER = Path(__file__).parent.parent / "scripts"
_SLEEP_ACTION_MINOR = 30
_PROBE_SECONDS = 10
"""Between two probes of the sidecar. Each waits for "visible" nearly as long, so Ready is not late, and starting a
process in a container, which is dear beside a shell that sleeps, stays rare."""


def registration_config_map(settings: StackSettings, name: str, namespace: Opaque) -> Manifest:
    """The ConfigMap with the script, named by its content."""
    data = {SCRIPT: (_SCRIPTS_FOLDER / SCRIPT).read_text(encoding="utf-8")}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(
            content_name(f"{name}-registration", data), service_labels(settings, name), namespace=namespace
        ),
        "immutable": True,
        "data": data,
    }


def registration_sidecar(settings: StackSettings, name: str) -> Manifest:
    """The native sidecar: Ready means "visible in Nacos"; its preStop takes the instance offline and waits.

    It is stopped after the application: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    service = settings.services[name]
    return without_none(
        {
            "name": SIDECAR_NAME,
            "image": service.registration.image or settings.image(name),
            "imagePullPolicy": "IfNotPresent" if service.registration.image else settings.pull_policy(name),
            "restartPolicy": "Always",
            "command": _run("run"),
            "env": registration_env(settings, name),
            "readinessProbe": {
                "exec": {"command": [*_run("ready"), str(_PROBE_SECONDS - 1)]},
                "periodSeconds": _PROBE_SECONDS,
                "timeoutSeconds": _PROBE_SECONDS + 2,
                "failureThreshold": 1,
            },
            "lifecycle": {"preStop": {"exec": {"command": _run("offline")}}},
            "resources": {"requests": dict(SIDECAR_REQUESTS), "limits": dict(SIDECAR_LIMITS)},
            "securityContext": container_security(service.security_profile),
            "volumeMounts": registration_mounts(settings),
        }
    )


def life_cycle_hooks(settings: StackSettings, name: str) -> Manifest | None:
    """The application container's hooks: the guide's pair in mode ``hooks``, else a preStop sleep of the drain time.

    Both containers' preStops start together, and nothing else delays the application's SIGTERM.
    """
    drain = settings.life_cycle(name).drain
    if settings.registration_mode(name) == "hooks":
        return {
            "postStart": {"exec": {"command": _run("online")}},
            "preStop": {"exec": {"command": _run("offline")}},
        }
    if drain == 0:
        return None
    if settings.cluster.minor >= _SLEEP_ACTION_MINOR:
        return {"preStop": {"sleep": {"seconds": drain}}}
    return {"preStop": {"exec": {"command": ["/bin/sh", "-c", f"sleep {drain}"]}}}


def registration_env(settings: StackSettings, name: str) -> list[Manifest]:
    """What the script needs to know; never a secret, which it reads from files."""
    service, nacos, cycle = settings.services[name], settings.nacos, settings.life_cycle(name)
    if nacos is None:
        raise ValueError(f"{name} registers, but the stack names no Nacos")
    plain = {
        "REGISTRATION_ADDRESS": nacos.address,
        "REGISTRATION_API": nacos.version.split(".")[0],
        "REGISTRATION_NAMESPACE": settings.nacos_namespace or "public",
        "REGISTRATION_GROUP": nacos.group,
        "REGISTRATION_CLUSTER": nacos.cluster,
        "REGISTRATION_SERVICE": service.registration.nacos_name or name,
        "REGISTRATION_PORT": str(service.port),
        "REGISTRATION_HEALTH_PORT": str(service.probes.port or service.port),
        "REGISTRATION_HEALTH_PATH": service.probes.readiness_path if service.probes.type == "http" else "",
        "REGISTRATION_DRAIN_SECONDS": str(cycle.drain),
        "REGISTRATION_START_SECONDS": str(service.probes.startup_seconds),
        "REGISTRATION_FAIL_CLOSED": "true" if service.registration.fail_closed else "false",
        "REGISTRATION_STATE": STATE_DIRECTORY,
        "REGISTRATION_CREDENTIALS": CREDENTIALS_DIRECTORY if nacos.auth else "",
    }
    address: Manifest = {"name": "REGISTRATION_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    variables: list[Manifest] = [{"name": key, "value": value} for key, value in plain.items()]
    return [address, *variables]


def registration_mounts(settings: StackSettings) -> list[Manifest]:
    """The script, the script's state, and the credentials where Nacos wants them."""
    mounts: list[Manifest] = [
        {"name": "registration", "mountPath": SCRIPT_DIRECTORY, "readOnly": True},
        {"name": "registration-state", "mountPath": STATE_DIRECTORY},
    ]
    if settings.nacos is not None and settings.nacos.auth is not None:
        mounts.append({"name": "nacos-credentials", "mountPath": CREDENTIALS_DIRECTORY, "readOnly": True})
    return mounts


def registration_volumes(settings: StackSettings, config_map: Opaque, nacos_secret: Opaque) -> list[Manifest]:
    """The volumes of ``registration_mounts``."""
    volumes: list[Manifest] = [
        {"name": "registration", "configMap": {"name": config_map, "defaultMode": 0o444}},
        {"name": "registration-state", "emptyDir": {"sizeLimit": "1Mi"}},
    ]
    if settings.nacos is not None and settings.nacos.auth is not None:
        volumes.append({"name": "nacos-credentials", "secret": {"secretName": nacos_secret, "defaultMode": 0o444}})
    return volumes


def _run(verb: str) -> list[str]:
    return ["/bin/sh", f"{SCRIPT_DIRECTORY}/{SCRIPT}", verb]
