"""The fields that stand in patches, and the nearest setting of each: what an improvement begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from adopt.known import Yaml
from components.manifests.patch import Patch
from config.merge_keys import MERGE_KEYS

_NEAREST: Mapping[str, str] = {
    r"metadata\.annotations\[nginx\.ingress\.kubernetes\.io/.*": "ingress.canary",
    r"metadata\.annotations\[alb\.ingress\.kubernetes\.io/.*": "ingress.listeners, ingress.healthCheck …",
    r"metadata\.labels.*": "labels; without the patch the object gets those that all objects have",
    r"spec\.template\.metadata\.labels.*": "labels; those that all objects have come with the next restart",
    r"spec\.template\.metadata\.annotations.*": "annotations, eip, metrics",
    r"spec\.template\.spec\.serviceAccount(Name)?": "serviceAccount: null makes one of the service's own",
    r"spec\.template\.spec\.(automountServiceAccountToken|enableServiceLinks)": "without the patch off",
    r"spec\.template\.spec\.volumes.*": "nas, configFiles, timeZone instead of /etc/localtime",
    r".*\.containers\[[^]]*\]\.volumeMounts.*": "nas, configFiles, timeZone instead of /etc/localtime",
    r".*\.containers\[[^]]*\]\.env\[JVM_OPTIONS_BASE\].*": "jvm",
    r".*\.containers\[[^]]*\]\.env\[SYSTEM_OPTIONS\].*": "port, timeZone, systemOptions",
    r".*\.containers\[[^]]*\]\.env\[PROGRAM_PARAMS\].*": "environment.springProfile, dataDir, programParams",
    r".*\.containers\[[^]]*\]\.env\[(POD_NAME|POD_IP|NODE_NAME|LANG|SERVER_PORT|SERVER_SHUTDOWN)\]": (
        "without the patch as for all pods"
    ),
    r".*\.containers\[[^]]*\]\.env\[SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE\].*": "registration.shutdownSeconds",
    r".*\.containers\[[^]]*\]\.env\[TZ\].*": "timeZone",
    r".*\.containers\[[^]]*\]\.env.*": "env, envFromSecrets",
    r".*\.containers\[[^]]*\]\.envFrom.*": "env, envFromSecrets",
    r".*\.containers\[[^]]*\]\.ports.*": "port",
    r".*\.containers\[[^]]*\]\.image.*": "image",
    r".*\.containers\[[^]]*\]\.resources.*": "resources",
    r".*\.containers\[[^]]*\]\.(startup|readiness|liveness)Probe.*": "probes",
    r".*\.containers\[[^]]*\]\.lifecycle.*": "registration: mode, drainSeconds",
    r"spec\.template\.spec\.containers.*": "registration.mode: sidecar, logs; a container of one's own has no setting",
    r"spec\.template\.spec\.initContainers.*": "registration; a container of one's own has no setting",
    r".*securityContext.*": "securityProfile",
    r"spec\.template\.spec\.topologySpreadConstraints.*": "spread",
    r"spec\.template\.spec\.terminationGracePeriodSeconds": "registration.graceSeconds",
    r"spec\.template\.spec\.readinessGates.*": "ingress.readinessGate, eip",
    r"spec\.template\.spec\.imagePullSecrets.*": "environment.pullSecret",
    r"spec\.minReadySeconds": "registration.minReadySeconds",
    r"spec\.(strategy|progressDeadlineSeconds).*": "without the patch a new pod comes before an old one goes",
    r"spec\.ports.*": "service.port, service.portName",
    r"spec\.(rules|tls).*": "ingress.host, ingress.paths, ingress.tls",
    r"spec\.metrics.*": "autoscaler.cpuPercent",
    r"spec\.behavior.*": "autoscaler.scaleDownSeconds",
}


def nearest_setting(field: str) -> str:
    """The setting that comes nearest to a field; says so where there is none."""
    return next((each for pattern, each in _NEAREST.items() if re.fullmatch(pattern, field)), "no setting")


def fields(patch: Patch, kind: str) -> Iterator[str]:
    """The fields that a patch is about: ``spec.template.spec.containers[gateway].env[TZ]``; never their values."""
    if patch:
        yield from _fields(patch, kind, (), "")


def _fields(value: Yaml, kind: str, path: tuple[str, ...], shown: str) -> Iterator[str]:
    merge_key = MERGE_KEYS.get(kind, {}).get(".".join(path))
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            if not key.startswith("$"):
                free = path[-1:] in (("labels",), ("annotations",))
                yield from _fields(
                    below, kind, (*path, key), f"{shown}[{key}]" if free else f"{shown}.{key}".lstrip(".")
                )
    elif isinstance(value, list) and merge_key is not None:
        for each in value:
            if merge_key in each:
                whole = {key: below for key, below in each.items() if key != merge_key}
                place = f"{shown}[{each[merge_key]}]"
                yield from [place] if "$patch" in each or not whole else _fields(whole, kind, path, place)
    else:
        yield shown
