"""Deployments as people and tools may have left them: the guide's, with any of what Kubernetes lets them be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from config.merge import deep_merge
from tests.adopt.deployments import deployment
from tests.cluster.api import Object

_NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,12}[a-z0-9])?", fullmatch=True)
_WORDS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=12)
_MEMORY = st.sampled_from(["512Mi", "1536Mi", "2Gi", "2147483648", "1500M", "1.5Gi"])
_CPU = st.sampled_from(["100m", "1", "1500m", "0.5"])
_PATHS = st.sampled_from(["/", "/healthz", "/actuator/health"])
_ACTIONS = st.one_of(
    st.just({"tcpSocket": {"port": 80}}),
    st.just({"exec": {"command": ["/bin/sh", "-c", "true"]}}),
    st.builds(lambda path: {"httpGet": {"path": path, "port": 80}}, _PATHS),
)
_PROBES = st.builds(
    lambda action, numbers: {**action, **numbers},
    _ACTIONS,
    st.fixed_dictionaries(
        {},
        optional={
            "initialDelaySeconds": st.integers(0, 300),
            "periodSeconds": st.integers(1, 60),
            "timeoutSeconds": st.integers(1, 30),
            "failureThreshold": st.integers(1, 30),
        },
    ),
)
_SOURCES: st.SearchStrategy[Object] = st.one_of(
    st.builds(lambda value: {"value": value}, _WORDS),
    st.just({"valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}),
    st.just({"valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}}}),
    st.just({"valueFrom": {"configMapKeyRef": {"name": "settings", "key": "theme", "optional": True}}}),
)
_VARIABLES = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["TZ", "LANG", "DATA_DIR", "POD_IP", "FEATURE_X", "JVM_OPTIONS_BASE", "a.b"]), _SOURCES
        ),
        st.tuples(st.just("DB_PASSWORD"), st.one_of(st.just({"value": "hunter2-Very-S3cret"}), _SOURCES)),
    ),
    unique_by=lambda pair: pair[0],
    max_size=5,
)
_ARGUMENTS = ["--spring.profiles.active=uat", "--password=hunter2hunter2", "x"]
_SECURITY = [{"privileged": True}, {"runAsUser": 0}, {"allowPrivilegeEscalation": False}]
_STRATEGIES = [{"type": "Recreate"}, {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 3}}]
_CONTAINER = st.fixed_dictionaries(
    {},
    optional={
        "args": st.lists(st.sampled_from(_ARGUMENTS), max_size=2),
        "envFrom": st.just([{"configMapRef": {"name": "settings"}}]),
        "imagePullPolicy": st.sampled_from(["Always", "IfNotPresent"]),
        "image": st.sampled_from(["nginx", "registry.example.com:5000/a/b:1.0", "example/exam@sha256:" + "1" * 64]),
        "lifecycle": st.just({"preStop": {"exec": {"command": ["sleep", "5"]}}}),
        "livenessProbe": _PROBES,
        "ports": st.just([{"name": "web", "containerPort": 80}, {"containerPort": 9090, "protocol": "UDP"}]),
        "readinessProbe": _PROBES,
        "resources": st.fixed_dictionaries(
            {}, optional={"limits": st.fixed_dictionaries({"memory": _MEMORY}, optional={"cpu": st.just("2")})}
        ),
        "securityContext": st.sampled_from(_SECURITY),
        "startupProbe": _PROBES,
        "stdin": st.booleans(),
        "terminationMessagePolicy": st.just("FallbackToLogsOnError"),
        "workingDir": st.just("/app"),
    },
)
_POD = st.fixed_dictionaries(
    {},
    optional={
        "affinity": st.just(
            {
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname"}}
                    ]
                }
            }
        ),
        "dnsConfig": st.just({"options": [{"name": "ndots", "value": "2"}]}),
        "dnsPolicy": st.sampled_from(["Default", "ClusterFirst"]),
        "enableServiceLinks": st.booleans(),
        "hostAliases": st.just([{"ip": "10.0.0.9", "hostnames": ["db.internal"]}]),
        "hostPID": st.booleans(),
        "imagePullSecrets": st.lists(st.sampled_from(["acr-credentials", "other"]), unique=True).map(
            lambda names: [{"name": each} for each in names]
        ),
        "initContainers": st.just([{"name": "wait", "image": "busybox:1.36", "command": ["true"]}]),
        "nodeSelector": st.just({"pool": "java"}),
        "priorityClassName": st.just("system-cluster-critical"),
        "securityContext": st.sampled_from([{"fsGroup": 1000}, {"runAsNonRoot": True, "runAsUser": 10001}]),
        "serviceAccountName": _NAMES,
        "terminationGracePeriodSeconds": st.integers(0, 120),
        "tolerations": st.just([{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}]),
        "topologySpreadConstraints": st.just(
            [
                {
                    "maxSkew": 2,
                    "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "DoNotSchedule",
                    "labelSelector": {"matchLabels": {"app": "exam"}},
                }
            ]
        ),
    },
)
_SPEC = st.fixed_dictionaries(
    {},
    optional={
        "minReadySeconds": st.integers(0, 60),
        "progressDeadlineSeconds": st.integers(100, 900),
        "replicas": st.integers(0, 5),
        "revisionHistoryLimit": st.integers(0, 30),
        "strategy": st.sampled_from(_STRATEGIES),
    },
)
_META = st.dictionaries(
    st.sampled_from(["team", "example.com/owner", "app.kubernetes.io/name", "prometheus.io/scrape", "env"]),
    st.sampled_from(["a", "true", "exam"]),
    max_size=3,
)


@st.composite
def deployments(draw: st.DrawFn, environment: str, name: str) -> Object:
    """A Deployment of a namespace that the API server accepts; paused, so that no pod is made of it."""
    stated = deployment(environment, draw(st.sampled_from(["exam", "oauth2", "study"])))
    spec, template = stated["spec"], stated["spec"]["template"]
    pod = template["spec"]
    first = pod["containers"][0]
    pod["containers"][0] = _with(draw, first)
    stated["spec"] = deep_merge(spec, draw(_SPEC))
    stated["spec"]["paused"] = True
    if stated["spec"].get("strategy", {}).get("type") == "Recreate":
        stated["spec"]["strategy"] = {"type": "Recreate"}
    template = stated["spec"]["template"]
    template["spec"] = {**pod, **draw(_POD)}
    app = stated["spec"]["selector"]["matchLabels"]
    template["metadata"]["labels"] = {**draw(_META), **app}
    template["metadata"]["annotations"] = {**template["metadata"]["annotations"], **draw(_META)}
    stated["metadata"] = {"name": name, "namespace": environment, "labels": draw(_META), "annotations": draw(_META)}
    return stated


def _with(draw: st.DrawFn, container: Object) -> Object:
    """A container with other parts; variables in any order, and without some."""
    variables = {each["name"]: each for each in container["env"]}
    gone = draw(st.sets(st.sampled_from(sorted(variables))))
    added = {name: {"name": name, **source} for name, source in draw(_VARIABLES)}
    every: list[Any] = [each for name, each in {**variables, **added}.items() if name not in gone]
    changed: Object = {**container, "env": draw(st.permutations(every)), **draw(_CONTAINER)}
    for probe in draw(st.sets(st.sampled_from(["startupProbe", "readinessProbe", "livenessProbe"]))):
        changed.pop(probe, None)
    if draw(st.booleans()):
        changed.pop("resources", None)
    return changed
