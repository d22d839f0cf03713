"""What blocks a security profile is what Kubernetes' own evaluator refuses."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from components.manifests.security import container_security, pod_security
from improvements.pod_standards import against_baseline, against_restricted
from tests.manifests.tools import forbidden

CASES: dict[str, Any] = {
    "the profile itself": {},
    "a host path": {"volumes": [{"name": "v", "hostPath": {"path": "/etc/localtime"}}]},
    "an NFS volume": {"volumes": [{"name": "v", "nfs": {"server": "nas", "path": "/"}}]},
    "a claim and a directory": {
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "w", "emptyDir": {}}]
    },
    "the host's network": {"hostNetwork": True},
    "the host's processes": {"hostPID": True},
    "the host's IPC": {"hostIPC": True},
    "a safe sysctl": {"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}},
    "an unsafe sysctl": {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}},
    "a pod without seccomp": {"securityContext": {"seccompProfile": None}},
    "an unconfined pod": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    "a pod that is root": {"securityContext": {"runAsUser": 0}},
    "privilege": {"container": {"securityContext": {"privileged": True, "allowPrivilegeEscalation": True}}},
    "escalation": {"container": {"securityContext": {"allowPrivilegeEscalation": True}}},
    "capabilities that are kept": {"container": {"securityContext": {"capabilities": None}}},
    "the capability to bind": {
        "container": {"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}}
    },
    "a small capability": {"container": {"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}}},
    "a large capability": {"container": {"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}}},
    "a container that is root": {"container": {"securityContext": {"runAsUser": 0, "runAsNonRoot": False}}},
    "an unconfined container": {"container": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}}},
    "a port of the host": {"container": {"ports": [{"containerPort": 80, "hostPort": 80}]}},
    "no context at all": {"container": {"securityContext": None}},
}
"""Changes to a pod that has the profile `restricted`."""


def pod(changes: dict[str, Any], place: str) -> dict[str, Any]:
    """A pod with a change, and its container's among the containers or those that start first."""
    other = {"name": "other", "image": "x", "securityContext": container_security("restricted")}
    made: dict[str, Any] = {"securityContext": pod_security("restricted", 80)}
    made["containers"] = [{"name": "app", "image": "x", "securityContext": container_security("restricted")}]
    made["initContainers"] = [other]
    changes = copy.deepcopy(changes)
    merged(made[place][0], changes.pop("container", {}))
    merged(made, changes)
    return made


def merged(part: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(part.get(key), dict):
            merged(part[key], value)
        elif value is None:
            del part[key]
        else:
            part[key] = value


@pytest.mark.parametrize("place", ["containers", "initContainers"])
def test_what_is_named_is_what_the_evaluator_forbids(place: str) -> None:
    pods = [pod(changes, place) for changes in CASES.values()]
    asked = [{"metadata": {"name": "p"}, "spec": each} for each in pods]
    for level, ours in (("baseline", against_baseline), ("restricted", against_restricted)):
        refused = forbidden(asked, level=level, minor=36)
        for case, spec, reasons in zip(CASES, pods, refused, strict=True):
            assert bool(list(ours(spec))) == bool(reasons), (level, case, list(ours(spec)), reasons)
    assert not list(against_restricted(pods[0]))
