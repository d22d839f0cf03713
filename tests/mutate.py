"""Drop each control from the builders on purpose, and see the tests go red: ``python -m tests.mutate``.

Each mutant is one edit of a copy of the tree. A mutant that survives is a control that no test would miss: exit code 1.
A mutant whose text is no longer in the source is an error of this file: exit code 2.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
TESTS = (
    "tests/manifests/test_spring_service.py",
    "tests/manifests/test_platform.py",
    "tests/manifests/test_shapes.py",
    "tests/manifests/test_kube_score.py",
    "tests/manifests/test_any_settings.py",
    "tests/config",
)
"""The tests that need neither engine nor cluster, the most exact claims first."""
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "rendered")


@dataclass(frozen=True)
class Mutant:
    """One control, dropped by one edit.

    Attributes:
        control: What is dropped.
        where: Of what.
        file: The source below ``components/manifests``.
        text: What stands there, exactly once.
        instead: What stands there in the mutant.
    """

    control: str
    where: str
    file: str
    text: str
    instead: str = ""

    def applied(self, tree: Path) -> str:
        """The mutant's source.

        Raises:
            LookupError: the text is not there, or not once.
        """
        source = (tree / "components" / "manifests" / self.file).read_text(encoding="utf-8")
        if source.count(self.text) != 1:
            raise LookupError(f"{self.control}, {self.where}: {self.file} has its text {source.count(self.text)} times")
        return source.replace(self.text, self.instead)


_SECCOMP = '"seccompProfile": {"type": "RuntimeDefault"},'
_SUB_PATH = ', "subPath": sub_path}'
MUTANTS = (
    Mutant(
        "seccomp",
        "restricted pods",
        "security.py",
        f'        "runAsGroup": UID,\n        {_SECCOMP}\n',
        '        "runAsGroup": UID,\n',
    ),
    Mutant(
        "seccomp", "baseline pods", "security.py", 'return {"seccompProfile": {"type": "RuntimeDefault"}}', "return {}"
    ),
    Mutant("seccomp", "the job's pod", "log_retention.py", _SECCOMP),
    Mutant("probes", "all of a service", "pod.py", "            **probes(service),\n"),
    Mutant("probes", "the sidecar's readiness", "registration.py", '"readinessProbe": {', '"unused": None and {'),
    Mutant(
        "drain",
        "the application's preStop",
        "pod.py",
        '"lifecycle": life_cycle_hooks(settings, name),',
        '"lifecycle": None,',
    ),
    Mutant(
        "drain",
        "the sidecar's preStop",
        "registration.py",
        '            "lifecycle": {"preStop": {"exec": {"command": _run("offline")}}},\n',
    ),
    Mutant(
        "drain",
        "the grace period",
        "pod.py",
        '                "terminationGracePeriodSeconds": settings.life_cycle(name).grace,\n',
    ),
    Mutant(
        "quota",
        "the namespace",
        "environment.py",
        "if isinstance(stated.quota, OwnedQuota):",
        "if isinstance(stated.quota, OwnedQuota) and False:",
    ),
    Mutant("spread", "all pods", "pod.py", "_spread(settings, name) or None", "None"),
    Mutant("spread", "over nodes", "pod.py", '        "kubernetes.io/hostname": service.spread.host,\n'),
    Mutant(
        "pull secret",
        "services",
        "pod.py",
        '[{"name": wiring.pull_secret}] if wiring.pull_secret is not None else None',
        "None",
    ),
    Mutant(
        "pull secret",
        "the job's pod",
        "log_retention.py",
        'None if names.pull_secret is None else [{"name": names.pull_secret}]',
        "None",
    ),
    Mutant(
        "selector label",
        "the environment's",
        "metadata.py",
        '{"app.kubernetes.io/name": service, "app.kubernetes.io/instance": settings.environment.name}',
        '{"app.kubernetes.io/name": service}',
    ),
    Mutant(
        "selector label",
        "adopted, on pods",
        "pod.py",
        "{**service_labels(settings, name), **selector(settings, name)}",
        "service_labels(settings, name)",
    ),
    Mutant("sub-path", "DATA_DIR", "pod.py", _SUB_PATH, "}"),
    Mutant("sub-path", "the job's directories", "log_retention.py", _SUB_PATH, "}"),
    Mutant("gate", "the ALB's", "pod.py", 'gates.append({"conditionType": ALB_GATE})', "pass"),
    Mutant("gate", "the EIP's", "pod.py", 'gates.append({"conditionType": EIP_GATE})', "pass"),
    Mutant(
        "network policy",
        "of a service",
        "spring_service.py",
        "if settings.environment.network_policies is not None:",
        "if False:",
    ),
    Mutant(
        "network policy",
        "deny by default",
        "network_policy.py",
        '        "default-deny": {**everyone, "policyTypes": ["Ingress", "Egress"]},\n',
    ),
)


def main() -> int:
    """Run every mutant; the exit code."""
    console = Console()
    table = Table("control", "dropped from", "red", "seconds")
    survivors = 0
    with TemporaryDirectory(prefix="ack-platform-mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
        try:
            sources = {mutant: mutant.applied(tree) for mutant in MUTANTS}
        except LookupError as error:
            console.print(f"This mutant does not fit the source any more: {error}", style="red")
            return 2
        if red := first_red(tree):
            console.print(f"Without any mutant {red} is red already.", style="red")
            return 2
        for mutant, source in sources.items():
            place = tree / "components" / "manifests" / mutant.file
            original = place.read_text(encoding="utf-8")
            place.write_text(source, encoding="utf-8")
            begin = time.monotonic()
            red = first_red(tree)
            place.write_text(original, encoding="utf-8")
            survivors += not red
            table.add_row(mutant.control, mutant.where, red or "SURVIVED", f"{time.monotonic() - begin:.0f}")
            console.print(f"{mutant.control}, {mutant.where}: {red or 'SURVIVED'}", highlight=False, soft_wrap=True)
    console.print(table)
    console.print(f"{len(MUTANTS)} mutants, {survivors} survived")
    return 1 if survivors else 0


def first_red(tree: Path) -> str:
    """The first test that is red in a tree; empty if all are green."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-W", "ignore", *TESTS],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (?:\S*/)?(.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return found[1] if found else f"pytest ended with {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
