"""Bounds that the settings share with Kubernetes: the last value inside, the first one outside, and the server's words.

Where the settings are stricter than the server there is no edge here; that they hold is shown in `tests/config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

G = "services.gateway"
_HARD = "environment.quota.hard"
_LIMITS = "environment.limitRange"
_A63, _A64 = "a" * 63, "a" * 64
_LONG = "must be no more than 63"
_FORM = "must consist of"
_PORT = "must be between 1 and 65535"
_NO_QUOTA: Mapping[str, Any] = {"environment.quota": None, _LIMITS: None}
_CPU_LIMITS: Mapping[str, Any] = {
    "environment.quota": None,
    _LIMITS: {
        "ownership": "owned",
        "min": {"cpu": "10m"},
        "defaultRequest": {"cpu": "20m"},
        "default": {"cpu": "1"},
        "max": {"cpu": "2"},
    },
}
_LIMITED: Mapping[str, Any] = {
    _HARD: {"limits.cpu": "64"},
    _LIMITS: None,
    f"{G}.resources.limits.cpu": "1",
    "services.oauth2.resources.limits.cpu": "1",
}
_RUN_TIME: Mapping[str, Any] = {"logRetention.deadlineSeconds": 60}


@dataclass(frozen=True)
class Edge:
    """One key of the shipped uat stack, on both sides of a bound.

    Attributes:
        key: Its path, as reports show it.
        inside: A value that both accept.
        outside: One step further: the settings refuse it, and the server refuses what would be rendered of it.
        words: A part of the server's message.
        around: Further keys that both need.
    """

    key: str
    inside: Any
    outside: Any
    words: str
    around: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = repr(self.outside)
        return f"{self.key}: {shown if len(shown) < 50 else shown[:20] + '…' + shown[-10:]}"


_NAMES = (
    Edge("environment.namespace.name", _A63, _A64, _LONG),
    Edge("environment.namespace.name", "a-b", "a_b", _FORM),
    Edge(f"{G}.names.deployment", "a-b", "a_b", _FORM),
    Edge(f"{G}.names.container", _A63, _A64, _LONG),
    Edge(f"{G}.names.container", "a-b", "a.b", "must not contain dots"),
    Edge(f"{G}.names.container", "registration-1", "registration", "Duplicate value"),
    Edge(f"{G}.service.name", _A63, _A64, _LONG),
    Edge(f"{G}.service.portName", _A63, _A64, _LONG),
    Edge(f"{G}.service.portName", "a--b", "a_b", _FORM),
    Edge(f"{G}.ingress.name", "a", "A", _FORM),
    Edge(f"{G}.ingress.tls.secretName", "a", "A", _FORM, {f"{G}.ingress.tls": {"source": "secret"}}),
    Edge(f"{G}.serviceAccount", "a", "A", _FORM),
    Edge("environment.pullSecret.name", "a", "A", _FORM),
    Edge(f"{G}.labels", {_A63: "x"}, {_A64: "x"}, "must be no more than 63"),
    Edge(f"{G}.labels", {f"{'a.' * 126}a/x": "x"}, {f"{'a.' * 126}ab/x": "x"}, "must be no more than 253"),
    Edge(f"{G}.labels", {"team": _A63}, {"team": _A64}, _LONG),
    Edge(f"{G}.labels", {"team": "x"}, {"team": "-x"}, "a valid label must be"),
    Edge(f"{G}.selectorLabels", {"app": _A63}, {"app": _A64}, _LONG),
    Edge(f"{G}.annotations", {"a-b": "x"}, {"a b": "x"}, _FORM),
    Edge(f"{G}.env", {"A_B": "x"}, {"A=B": "x"}, "other than '='"),
    Edge(f"{G}.envFromSecrets", {"A": "a.b/key"}, {"A": "a..b/key"}, _FORM),
    Edge(f"{G}.envFromSecrets", {"A": "a/.b"}, {"A": "a/.."}, "must not be '..'"),
    Edge(f"{G}.envFromSecrets", {"A": "a/b-c"}, {"A": "a/b c"}, _FORM),
    Edge(f"{G}.configFiles", {"a" * 253: "x"}, {"a" * 254: "x"}, "must be no more than 253"),
    Edge(f"{G}.configFiles", {"a-b": "x"}, {"a b": "x"}, _FORM),
    Edge(f"{G}.configFiles", {"a": "x" * 2**20}, {"a": "x" * (2**20 + 1)}, "may not be more than 1048576 bytes"),
)
_PLACES = (
    Edge(f"{G}.configFilesPath", "/etc/spring", "/tmp", "must be unique", {f"{G}.configFiles": {"a": "x"}}),
    Edge(f"{G}.dataDir", "/product/uat/gateway", "/tmp", "must be unique"),
    Edge(f"{G}.nas.subPath", "a/b", "a/../b", "must not contain '..'"),
    Edge(f"{G}.nas.subPath", "a", "/a", "must be a relative path"),
    Edge(f"{G}.ingress.host", "a.uat.example.com", "A.uat.example.com", _FORM),
    Edge(f"{G}.ingress.host", "a-b.uat.example.com", "a_b.uat.example.com", _FORM),
    Edge(f"{G}.ingress.host", "*.uat.example.com", "a.*.uat.example.com", _FORM),
    Edge(f"{G}.ingress.host", "a10.uat.example.com", "10.0.0.1", "not an IP address"),
    *(
        Edge(f"{G}.ingress.paths[0].path", inside, outside, words, {f"{G}.ingress.paths": [{"path": "/"}]})
        for inside, outside, words in (
            ("/a", "a", "must be an absolute path"),
            ("/a/b", "/a//b", "must not contain '//'"),
            ("/a/.b", "/a/..", "cannot end with '/..'"),
            ("/a%20b", "/a%2Fb", "must not contain '%2F'"),
        )
    ),
    *(
        Edge(f"{G}.egress[0].cidr", inside, outside, words, {f"{G}.egress": [{"cidr": "10.0.0.0/8"}]})
        for inside, outside, words in (
            ("10.0.0.0/32", "10.0.0.0/33", "must be a valid CIDR value"),
            ("10.0.0.0/24", "10.0.0.1/24", "must not have bits set"),
        )
    ),
)
_NUMBERS = (
    *(
        Edge(key, inside, outside, _PORT)
        for key in (f"{G}.service.port", f"{G}.port")
        for inside, outside in ((1, 0), (65535, 65536))
    ),
    *(
        Edge(f"{G}.egress[0].ports[0]", inside, outside, _PORT, {f"{G}.egress": [{"cidr": "10.0.0.0/8", "ports": [1]}]})
        for inside, outside in ((1, 0), (65535, 65536))
    ),
    Edge("nacos.address", "nacos:64534", "nacos:64535", _PORT),
    Edge("services.admin.replicas", 0, -1, "must be greater than or equal to 0"),
    Edge(f"{G}.registration.minReadySeconds", 0, -1, "must be greater than or equal to 0"),
    Edge(f"{G}.registration.drainSeconds", 40, -1, "must be non-negative"),
    Edge(
        f"{G}.registration.graceSeconds",
        75,
        39,
        "less than terminationGracePeriodSeconds",
        {f"{G}.registration.drainSeconds": 40},
    ),
    Edge(f"{G}.autoscaler.minReplicas", 2, 3, "`minReplicas`", {f"{G}.autoscaler.maxReplicas": 2}),
    Edge(f"{G}.autoscaler.minReplicas", 1, 0, "must be greater than or equal to 1"),
    Edge(f"{G}.autoscaler.cpuPercent", 1, 0, "must be greater than 0"),
    Edge(f"{G}.autoscaler.scaleDownSeconds", 3600, 3601, "must be less than or equal to 3600"),
)
_SCHEDULES = tuple(
    Edge("logRetention.schedule", inside, outside, words, _RUN_TIME)
    for inside, outside, words in (
        ("59 0 * * *", "60 0 * * *", "above maximum (59)"),
        ("0 23 * * *", "0 24 * * *", "above maximum (23)"),
        ("0 0 1 * *", "0 0 0 * *", "below minimum (1)"),
        ("0 0 31 * *", "0 0 32 * *", "above maximum (31)"),
        ("0 0 * 1 *", "0 0 * 0 *", "below minimum (1)"),
        ("0 0 * 12 *", "0 0 * 13 *", "above maximum (12)"),
        ("0 0 * * 6", "0 0 * * 7", "above maximum (6)"),
        ("0 0 * * */1", "0 0 * * */0", "step of range should be a positive number"),
        ("0 3-5 * * *", "0 5-3 * * *", "beyond end of range"),
        ("0 0 * * *", "0 0 * *", "expected exactly 5 fields"),
        ("0 0 * * *", "TZ=UTC 0 0 * * *", "use timeZone field instead"),
    )
)
_AMOUNTS = (
    Edge(f"{G}.resources.limits.memory", "2Gi", "2Zi", "quantities must match"),
    Edge(f"{G}.resources.requests.memory", "2048Mi", "2049Mi", "must be less than or equal to memory limit"),
    Edge(f"{G}.resources.requests.ephemeralStorage", "2Gi", "2049Mi", "less than or equal to ephemeral-storage limit"),
    Edge(
        f"{G}.resources.requests.cpu",
        "1",
        "1001m",
        "must be less than or equal to cpu limit",
        {**_NO_QUOTA, f"{G}.resources.limits.cpu": "1"},
    ),
    Edge(f"{G}.resources.requests.cpu", "1m", "-1m", "must be greater than or equal to 0"),
    Edge(f"{G}.tmpSize", "1Mi", "-1Mi", "must be a valid resource quantity"),
    Edge("nas.volume.capacity", "1Gi", "0Gi", "must be greater than zero"),
    Edge("logRetention.timeZone", "Etc/UTC", "Nowhere/City", "unknown time zone"),
    Edge("logRetention.timeZone", "Etc/UTC", "Local", "must be an explicit time zone"),
)
_NAMESPACE = (
    Edge("environment.namespace.podSecurity", "restricted", "strict", "must be one of privileged"),
    Edge("environment.namespace.podSecurityVersion", "1.36", "v1.36", 'must be "latest" or "v1.x"'),
    Edge(f"{G}.securityProfile", "restricted", "baseline", "violates PodSecurity"),
    Edge(f"{G}.securityProfile", "restricted", "legacy", "violates PodSecurity"),
    Edge(f"{_HARD}.pods", "60", "60.5", "must be an integer"),
    Edge(f"{_HARD}.pods", "60", "-60", "must be greater than or equal to 0"),
    Edge(_HARD, {"requests.cpu": "32"}, {"request.cpu": "32"}, "must be a standard resource type or fully qualified"),
    Edge("services.admin.resources.limits.cpu", "1", None, "must specify limits.cpu", _LIMITED),
    Edge(f"{_LIMITS}.min.cpu", "10m", "11m", "minimum cpu usage per Container is 11m", _CPU_LIMITS),
    Edge(f"{_LIMITS}.min.cpu", "10m", "21m", "greater than default request value", _CPU_LIMITS),
    Edge(f"{_LIMITS}.defaultRequest.cpu", "1", "1001m", "greater than default limit value", _CPU_LIMITS),
    Edge(f"{_LIMITS}.default.cpu", "2", "2001m", "greater than max value", _CPU_LIMITS),
    Edge(f"{G}.resources.requests.cpu", "10m", "9m", "minimum cpu usage per Container", _CPU_LIMITS),
    Edge(f"{G}.resources.limits.cpu", "2", "2001m", "maximum cpu usage per Container", _CPU_LIMITS),
    Edge(f"{G}.resources.requests.cpu", "1", "1001m", "must be less than or equal to cpu limit", _CPU_LIMITS),
)

EDGES = (*_NAMES, *_PLACES, *_NUMBERS, *_SCHEDULES, *_AMOUNTS, *_NAMESPACE)
