"""Settings that Kubernetes, a node or Nacos would refuse only after something was created: refused here, by name."""

from pathlib import Path

import pytest

from config import SettingsError, StackSettings, read_stack
from config.files import read_yaml
from tests.config.changes import load_changed
from tests.config.refusal import Refusal, refusals

G = "services.gateway"
HOOKS = {f"{G}.registration": {"mode": "hooks", "nacosName": "gateway"}}


@refusals(
    Refusal(
        "a sidecar's name taken by the application",
        {f"{G}.names.container": "registration"},
        f"{G}.names.container",
        "registration",
        "sidecar in the same pod",
    ),
    Refusal(
        "config files over the hooks' script",
        {**HOOKS, f"{G}.configFiles": {"a.yml": "a: 1"}, f"{G}.configFilesPath": "/etc/registration"},
        f"{G}.configFilesPath",
        "/etc/registration",
        "under or over /etc/registration",
        "mode: sidecar",
    ),
    Refusal(
        "DATA_DIR in the hooks' credentials",
        {**HOOKS, f"{G}.dataDir": "/etc/nacos-credentials/test/gateway"},
        f"{G}.dataDir",
        "/etc/nacos-credentials/test/gateway",
        "under or over /etc/nacos-credentials",
    ),
    Refusal(
        "a path with an empty part",
        {f"{G}.ingress.paths": [{"path": "/a//b"}]},
        f"{G}.ingress.paths[0].path",
        "/a//b",
        "must not contain '//'",
    ),
    Refusal(
        "a path that climbs",
        {f"{G}.ingress.paths": [{"path": "/a/.."}]},
        f"{G}.ingress.paths[0].path",
        "/a/..",
        "must not contain",
    ),
    Refusal(
        "a path with an encoded slash",
        {f"{G}.ingress.paths": [{"path": "/a%2Fb", "type": "Exact"}]},
        f"{G}.ingress.paths[0].path",
        "/a%2Fb",
        "with type Exact",
    ),
    Refusal(
        "a probe's path that is no ASCII",
        {f"{G}.probes.readinessPath": "/ü"},
        f"{G}.probes.readinessPath",
        "/ü",
        "printable ASCII",
        "/api",
    ),
    Refusal(
        "a Secret's name with an empty part",
        {f"{G}.envFromSecrets": {"A": "a..b/key"}},
        f"{G}.envFromSecrets.A",
        "a..b/key",
        "secret-name/key",
    ),
    Refusal(
        "a Secret's key that climbs",
        {f"{G}.envFromSecrets": {"A": "a/.."}},
        f"{G}.envFromSecrets.A",
        "a/..",
        "secret-name/key",
    ),
    Refusal(
        "a variable that uses a later one",
        {f"{G}.env": {"A": "$(B)", "B": "1"}},
        f"{G}.env.A",
        "$(B)",
        "must not use B, which is set after it",
    ),
    Refusal("a variable with NUL", {f"{G}.env": {"A": "a\0b"}}, f"{G}.env.A", "A", "NUL"),
    Refusal(
        "a label's prefix that is no domain",
        {f"{G}.labels": {"-x-/team": "a"}},
        f"{G}.labels.-x-/team",
        "-x-/team",
        "prefix/name",
    ),
    Refusal(
        "a Nacos port that is none",
        {"nacos.address": "nacos:99999"},
        "nacos.address",
        "nacos:99999",
        "must be host:port",
    ),
    Refusal(
        "a Nacos port without room for gRPC",
        {"nacos.address": "nacos:65000"},
        "nacos.address",
        "nacos:65000",
        "64534 at most",
    ),
    Refusal(
        "a count that is no whole number",
        {"environment.quota.hard.pods": "40.5"},
        "environment.quota.hard.pods",
        "40.5",
        "whole number",
    ),
    Refusal(
        "memory in parts of a byte",
        {f"{G}.resources.limits.memory": "2.0005Gi"},
        f"{G}.resources.limits.memory",
        "2.0005Gi",
        "whole number of bytes",
    ),
    Refusal(
        "parts of a thousandth of a core, which the API server would round up",
        {f"{G}.resources.requests.cpu": "1.001m"},
        f"{G}.resources.requests.cpu",
        "1.001m",
        "whole 'm'",
    ),
    Refusal("Sunday as 7", {"logRetention.schedule": "0 3 * * 7"}, "logRetention.schedule", "0 3 * * 7", "Sunday as 0"),
    Refusal(
        "a time zone of the laptop's own",
        {"logRetention.timeZone": "localtime"},
        "logRetention.timeZone",
        "localtime",
        "tz database",
    ),
    Refusal(
        "a Pod Security version that is none",
        {"environment.namespace.podSecurityVersion": "v1.36"},
        "environment.namespace.podSecurityVersion",
        "v1.36",
        "or be latest",
        '"1.36"',
    ),
    Refusal(
        "a Nacos cluster that is neither a label nor DEFAULT",
        {"nacos.cluster": "Default"},
        "nacos.cluster",
        "Default",
        "or be DEFAULT",
    ),
    Refusal(
        "AppArmor switched off by an annotation",
        {f"{G}.annotations": {"container.apparmor.security.beta.kubernetes.io/gateway": "unconfined"}},
        f'{G}.annotations["container.apparmor.security.beta.kubernetes.io/gateway"]',
        "container.apparmor.security.beta.kubernetes.io/gateway",
        "somebody else",
    ),
)
def test_it_is_refused_here(refusal: Refusal) -> None:
    refusal.check()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"{G}.ingress.paths", [{"path": "/a//b", "type": "ImplementationSpecific"}]),
        (f"{G}.envFromSecrets", {"A": "my.database/tls.crt"}),
        (f"{G}.env", {"A": "1", "B": "$(A)", "C": "$$(D)", "D": "$(TZ)"}),
        (f"{G}.labels", {"sub.example.com/team": "a"}),
        ("nacos.address", "nacos:64534"),
        (f"{G}.resources.limits.memory", "2.5Gi"),
        ("logRetention.schedule", "0 3 * * 0"),
        ("logRetention.timeZone", "Etc/UTC"),
        (f"{G}.resources.requests.cpu", "1m"),
        (f"{G}.resources.requests.cpu", "0.001"),
        (f"{G}.service.portName", "a--" + "a" * 60),
        (f"{G}.configFiles", {"a": "x" * 2**20}),
    ],
)
def test_the_nearest_value_that_kubernetes_takes_is_accepted(key: str, value: object) -> None:
    assert isinstance(load_changed({key: value}), StackSettings)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("config: " + "[" * 5000 + "]" * 5000, "must not be nested deeper than 40 levels", id="many lists"),
        pytest.param("config: " + "{a: " * 300 + "1" + "}" * 300, "must not be nested deeper", id="many mappings"),
        pytest.param("config: &own\n  a: *own\n", "must not be nested deeper", id="a mapping in itself"),
        pytest.param(
            "config:\n  a: " + "9" * 6000, "must mean the same to every YAML reader", id="a number without end"
        ),
        pytest.param("config:\n  ? [a, b]\n  : 1\n", "must have a name for each key", id="a list as a key"),
    ],
)
def test_a_file_that_no_reader_could_take_is_one_clear_report(tmp_path: Path, text: str, rule: str) -> None:
    (tmp_path / "Pulumi.odd.yaml").write_text(text, encoding="utf-8")
    try:
        problems = read_stack("odd", tmp_path).problems
    except SettingsError as error:
        problems = tuple(error.problems)
    assert any(rule in problem.rule for problem in problems)
    assert read_yaml(Path(__file__).parents[2] / "Pulumi.test.yaml").problems == ()
