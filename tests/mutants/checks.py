"""Checks of whether a stack fits, and of what it would take from a service, a stack or an account."""

from tests.mutants.mutant import Mutant

_IN = "config/checks/"
CHECKS = (
    Mutant(
        "fit",
        "a rollout's pod in the quota",
        _IN + "pods.py",
        "return replicas + 1 if replicas else 0",
        "return replicas",
    ),
    Mutant(
        "fit",
        "the sidecar in the quota",
        _IN + "pods.py",
        'if settings.registration_mode(name) == "sidecar":',
        "if False:",
    ),
    Mutant(
        "fit",
        "the limit range's max",
        _IN + "limit_range.py",
        "if high is not None and quantity.parse(amount) > quantity.parse(high):",
        "if False:",
    ),
    Mutant(
        "fit",
        "the limit range's min",
        _IN + "limit_range.py",
        "if low is not None and quantity.parse(amount) < quantity.parse(low):",
        "if False:",
    ),
    Mutant("fit", "a rollout's EIP", _IN + "eip.py", "{name: most + 1 for", "{name: most for"),
    Mutant(
        "fit",
        "each listener's rules of the ALB",
        _IN + "ingress_rules.py",
        "for listener in ingress.listeners\n",
        "for listener in ingress.listeners[:1]\n",
    ),
    Mutant(
        "fit",
        "the rules of redirects",
        _IN + "ingress_rules.py",
        "return len(ingress.paths) if ingress.redirect_to_https else 0",
        "return 0",
    ),
    Mutant("fit", "what stacks share", _IN + "neighbours.py", "if needed > most:", "if False:"),
    Mutant(
        "certificate", "a wildcard's one label", _IN + "tls.py", "rest == pattern[2:]", "host.endswith(pattern[1:])"
    ),
    Mutant("certificate", "of the listener", _IN + "tls.py", "tls.id not in listener.certificates:", "False:"),
    Mutant(
        "collision",
        "host and path",
        _IN + "ingress_rules.py",
        '    yield from _twice([rule for rule in rules if not rule.canary], "another service\'s")\n',
    ),
    Mutant(
        "collision",
        "directories inside each other",
        _IN + "directories.py",
        "        if outer:\n",
        "        if False:\n",
    ),
    Mutant(
        "collision",
        "a directory that one of two shares",
        _IN + "volumes.py",
        "if mount is not None and not mount.shared:",
        "if False:",
    ),
    Mutant("collision", "names in Nacos", _IN + "names.py", "    yield from _nacos_names(services)\n"),
    Mutant("collision", "names in Nacos of two stacks", _IN + "neighbours.py", "    yield from _in_nacos(settings)\n"),
    Mutant(
        "collision",
        "of one cluster only",
        _IN + "neighbours.py",
        "owners.setdefault((settings.cluster.id, kind, name)",
        'owners.setdefault(("", kind, name)',
    ),
    Mutant(
        "collision",
        "directories of two stacks",
        _IN + "nas_neighbours.py",
        "            yield from _not_shared(several)\n",
        "            pass\n",
    ),
    Mutant("last day", "passed", _IN + "expiry.py", "if last < today:", "if False:"),
    Mutant("last day", "itself", _IN + "expiry.py", "if last < today:", "if last <= today:"),
    Mutant("last day", "within a year", _IN + "expiry.py", "elif last - today > LONGEST:", "elif False:"),
)
