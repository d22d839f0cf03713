"""Shapes of a service and of a stack: every switch on and off, and every two switches together."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product

from config import StackSettings
from tests.settings import REMOVED, settings

Changes = Mapping[str, object]

NO_SIDECARS = 28
"""The last minor without native sidecars."""
S = "services.gateway."
_HTTPS = {"port": 443, "protocol": "HTTPS"}
_CERTIFICATE = {"source": "certificate", "id": "10000002-cn-hangzhou", "covers": ["*.uat.example.com"]}
_INGRESS: Changes = {f"{S}ingress.redirectToHttps": False}

SWITCHES: Mapping[str, Mapping[str, Changes]] = {
    "registration": {
        "sidecar": {},
        "sidecar with an image of its own": {f"{S}registration.image": "registry.example.com/tools:1"},
        "sidecar, fail closed": {f"{S}registration.failClosed": True},
        "hooks": {f"{S}registration.mode": "hooks"},
        "none": {f"{S}registration.mode": "none"},
        "no Nacos": {"nacos": None, "environment.networkPolicies.nacos": [], "serviceDefaults.registration": {}},
        "Nacos without login": {"nacos.auth": None},
        "drain and grace stated": {
            f"{S}registration": {
                "nacosName": "gateway",
                "drainSeconds": 600,
                "graceSeconds": 1800,
                "minReadySeconds": 0,
            }
        },
    },
    "security": {
        "restricted": {},
        "baseline": {"environment.namespace.podSecurity": "baseline", f"{S}securityProfile": "baseline"},
        "legacy": {"environment.namespace.podSecurity": "privileged", f"{S}securityProfile": "legacy"},
    },
    "probes": {
        "http": {},
        "tcp": {f"{S}probes": {"type": "tcp"}},
        "management port": {f"{S}probes.port": 9001, f"{S}programParams": ["--management.server.port=9001"]},
        "slow": {f"{S}probes.startupSeconds": 1800, f"{S}probes.periodSeconds": 60, f"{S}probes.timeoutSeconds": 30},
    },
    "ingress": {
        "https": {},
        "none": {f"{S}ingress": None},
        "no service": {f"{S}ingress": None, f"{S}service": None},
        "http only": {
            **_INGRESS,
            f"{S}ingress.listeners": [{"port": 80, "protocol": "HTTP"}],
            f"{S}ingress.tls": None,
        },
        "Secret": {f"{S}ingress.tls": {"source": "secret", "secretName": "gateway-tls"}},
        "discovery": {f"{S}ingress.tls": {"source": "discovery"}},
        "insert cookie, slow start, order": {
            f"{S}ingress.stickySession": {"type": "Insert", "timeoutSeconds": 60},
            f"{S}ingress.slowStartSeconds": 30,
            f"{S}ingress.order": 7,
        },
        "server cookie, no health check, no drain, no gate": {
            f"{S}ingress.stickySession": {"type": "Server", "cookie": "JSESSIONID"},
            f"{S}ingress.healthCheck": None,
            f"{S}ingress.drainSeconds": None,
            f"{S}ingress.readinessGate": False,
        },
        "grpc and paths": {
            **_INGRESS,
            f"{S}ingress.backendProtocol": "grpc",
            f"{S}ingress.healthCheck": {"protocol": "GRPC"},
            f"{S}ingress.paths": [
                {"path": "/a", "type": "Exact"},
                {"path": "/b/", "type": "Prefix"},
                {"path": "/c", "type": "ImplementationSpecific"},
            ],
        },
        "name and annotations of one's own": {
            f"{S}ingress.name": "gateway-ing",
            f"{S}ingress.annotations": {"alb.ingress.kubernetes.io/enable-cors": "true", "example.com/owner": "a"},
        },
        "canary by weight": {
            "services.admin.service": {"port": 80},
            "services.admin.ingress": {
                "host": "gateway.uat.example.com",
                "listeners": [_HTTPS],
                "tls": _CERTIFICATE,
                "canary": {"by": "weight", "weight": 5},
            },
        },
        "canary by header": {
            "services.admin.service": {"port": 80},
            "services.admin.ingress": {
                "host": "gateway.uat.example.com",
                "listeners": [_HTTPS],
                "tls": _CERTIFICATE,
                "canary": {"by": "header", "header": "X-Canary", "value": "always"},
            },
        },
    },
    "replicas": {
        "autoscaler": {},
        "autoscaler from one": {f"{S}autoscaler": {"minReplicas": 1, "maxReplicas": 2}},
        "none": {f"{S}autoscaler": None, f"{S}replicas": 0, f"{S}ingress": None},
        "one": {f"{S}autoscaler": None, f"{S}replicas": 1},
        "three, required spread, no budget": {
            f"{S}autoscaler": None,
            f"{S}replicas": 3,
            f"{S}spread": {"zone": "DoNotSchedule", "host": "DoNotSchedule"},
            f"{S}disruptionBudget": None,
        },
        "no spread": {f"{S}spread": {"zone": None, "host": None}},
    },
    "files": {
        "nas": {},
        "no nas": {f"{S}nas": None},
        "sub-path": {f"{S}nas.subPath": "elsewhere/gateway"},
        "shared": {
            f"{S}nas": {"subPath": "shared", "shared": True},
            "services.admin.nas": {"subPath": "shared", "shared": True},
        },
        "config files": {f"{S}configFiles": {"application-uat.yml": "a: 1\n", "logback.xml": "<configuration/>"}},
        "config files elsewhere": {f"{S}configFiles": {"a.yml": "a: 1"}, f"{S}configFilesPath": "/etc/gateway/config"},
    },
    "network": {
        "terway with policies": {},
        "terway without policies": {"environment.networkPolicies": None},
        "eip": {
            f"{S}eip": {"bandwidth": 5, "bandwidthPackage": "cbwp-example"},
            f"{S}egress": [{"cidr": "0.0.0.0/0"}],
            f"{S}autoscaler": None,
        },
        "flannel": {
            "cluster.network": "flannel",
            "environment.networkPolicies": None,
            "addons.extendNetworkController": None,
            "services.oauth2.eip": None,
        },
    },
    "other": {
        "logs and metrics": {},
        "no logs, no metrics": {f"{S}logs": None, f"{S}metrics": None},
        "project and metrics port": {
            f"{S}logs": {"project": "k8s-log-other", "shards": 10},
            f"{S}metrics": {"path": "/metrics"},
            f"{S}resources.limits.cpu": "2",
        },
        "variables": {
            f"{S}env": {"FEATURE_X": "on", "A": "$(POD_IP)"},
            f"{S}envFromSecrets": {"DB_PASSWORD": "database/password"},
            f"{S}labels": {"team": "platform"},
            f"{S}annotations": {"example.com/note": "ü"},
        },
        "adopted": {
            f"{S}selectorLabels": {"app": "gateway"},
            f"{S}names": {"deployment": "gateway-deployment", "container": "app"},
            f"{S}service": {"name": "gateway-svc", "port": 9000, "portName": "web"},
            f"{S}serviceAccount": "gateway-account",
        },
        "patched": {
            f"{S}patch.deployment": {
                "metadata": {"labels": {"env": None}},
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [{"name": "gateway", "env": [{"name": "LANG", "value": "zh_CN.UTF-8"}]}],
                            "hostAliases": [{"ip": "10.0.0.9", "hostnames": ["nacos.example.internal"]}],
                        }
                    }
                },
            }
        },
        "moving tag": {f"{S}image": {"tag": "uat-latest", "rollout": "1"}},
        "another port": {f"{S}port": 8443},
        "nothing owned": {
            "environment.namespace.ownership": "given",
            "environment.quota": None,
            "environment.limitRange": None,
            "environment.pullSecret": None,
            "logRetention": None,
            "nas": {"volume": {"ownership": "given", "claim": "uat-nas"}},
        },
    },
}
"""Switches of a service or its stack by name, with the changes of the shipped uat stack that each position needs."""

_NEEDS_SIDECARS = frozenset({"sidecar with an image of its own", "sidecar, fail closed"})
_IMPOSSIBLE = frozenset(
    {
        ("canary by weight", "none"),
        ("canary by header", "none"),
        ("insert cookie, slow start, order", "flannel"),
        ("server cookie, no health check, no drain, no gate", "flannel"),
    }
)
"""Pairs that are refused: a canary of a service without pods, a cookie where the ALB reaches nodes and not pods."""
_LESS: Changes = {f"services.{name}": REMOVED for name in ("exam", "file", "resource", "study")}
"""Services that no switch is about."""


def shape(minor: int, changes: Changes) -> StackSettings:
    """The settings of the shipped uat stack with changes, on a cluster of a Kubernetes minor.

    Raises:
        SettingsError: the settings are refused.
    """
    old = {} if minor > NO_SIDECARS else {"serviceDefaults.registration": {"mode": "hooks"}}
    return settings("uat", {"cluster.version": f"1.{minor}", **old, **changes})


def single(minor: int) -> Iterator[tuple[str, Changes]]:
    """Every position of every switch that a Kubernetes minor allows, the others as shipped."""
    for switch, positions in SWITCHES.items():
        for position, changes in positions.items():
            if minor > NO_SIDECARS or position not in _NEEDS_SIDECARS:
                yield f"{switch}: {position}", changes


def pairs(*, possible: bool = True) -> Iterator[tuple[str, Changes]]:
    """Every two positions of two switches, the others as shipped; or the pairs that are refused."""
    for (one, first), (other, second) in combinations(SWITCHES.items(), 2):
        for a, b in product(first, second):
            if first[a] and second[b] and ((a, b) in _IMPOSSIBLE) != possible:
                yield f"{one}: {a}; {other}: {b}", {**_LESS, **first[a], **second[b]}
