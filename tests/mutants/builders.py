"""Controls of the builders: what every pod, quota and policy has."""

from tests.mutants.mutant import Mutant

_IN = "components/manifests/"
_SECCOMP = '"seccompProfile": {"type": "RuntimeDefault"},'
_SUB_PATH = ', "subPath": sub_path}'
BUILDERS = (
    Mutant(
        "seccomp",
        "restricted pods",
        _IN + "security.py",
        f'        "runAsGroup": UID,\n        {_SECCOMP}\n',
        '        "runAsGroup": UID,\n',
    ),
    Mutant(
        "seccomp",
        "baseline pods",
        _IN + "security.py",
        'return {"seccompProfile": {"type": "RuntimeDefault"}}',
        "return {}",
    ),
    Mutant("seccomp", "the job's pod", _IN + "log_retention.py", _SECCOMP),
    Mutant("probes", "all of a service", _IN + "pod.py", "            **probes(service),\n"),
    Mutant("probes", "the sidecar's readiness", _IN + "registration.py", '"readinessProbe": {', '"unused": None and {'),
    Mutant(
        "drain",
        "the application's preStop",
        _IN + "pod.py",
        '"lifecycle": life_cycle_hooks(settings, name),',
        '"lifecycle": None,',
    ),
    Mutant(
        "drain",
        "the sidecar's preStop",
        _IN + "registration.py",
        '            "lifecycle": {"preStop": {"exec": {"command": _run("offline")}}},\n',
    ),
    Mutant(
        "drain",
        "the grace period",
        _IN + "pod.py",
        '                "terminationGracePeriodSeconds": settings.life_cycle(name).grace,\n',
    ),
    Mutant(
        "quota",
        "the namespace",
        _IN + "environment.py",
        "if isinstance(stated.quota, OwnedQuota):",
        "if isinstance(stated.quota, OwnedQuota) and False:",
    ),
    Mutant("spread", "all pods", _IN + "pod.py", "_spread(settings, name) or None", "None"),
    Mutant("spread", "over nodes", _IN + "pod.py", '        "kubernetes.io/hostname": service.spread.host,\n'),
    Mutant(
        "pull secret",
        "services",
        _IN + "pod.py",
        '[{"name": wiring.pull_secret}] if wiring.pull_secret is not None else None',
        "None",
    ),
    Mutant(
        "pull secret",
        "the job's pod",
        _IN + "log_retention.py",
        'None if names.pull_secret is None else [{"name": names.pull_secret}]',
        "None",
    ),
    Mutant(
        "selector label",
        "the environment's",
        _IN + "metadata.py",
        '{"app.kubernetes.io/name": service, "app.kubernetes.io/instance": settings.environment.name}',
        '{"app.kubernetes.io/name": service}',
    ),
    Mutant(
        "selector label",
        "adopted, on pods",
        _IN + "pod.py",
        "{**service_labels(settings, name), **selector(settings, name)}",
        "service_labels(settings, name)",
    ),
    Mutant("sub-path", "DATA_DIR", _IN + "pod.py", _SUB_PATH, "}"),
    Mutant("sub-path", "the job's directories", _IN + "log_retention.py", _SUB_PATH, "}"),
    Mutant("gate", "the ALB's", _IN + "pod.py", 'gates.append({"conditionType": ALB_GATE})', "pass"),
    Mutant("gate", "the EIP's", _IN + "pod.py", 'gates.append({"conditionType": EIP_GATE})', "pass"),
    Mutant(
        "network policy",
        "of a service",
        _IN + "spring_service.py",
        "if settings.environment.network_policies is not None:",
        "if False:",
    ),
    Mutant(
        "network policy",
        "deny by default",
        _IN + "network_policy.py",
        '        "default-deny": {**everyone, "policyTypes": ["Ingress", "Egress"]},\n',
    ),
)
