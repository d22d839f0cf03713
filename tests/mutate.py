"""Drop each control on purpose, and see the tests go red: ``python -m tests.mutate [PACKAGE...]``.

Each mutant is one edit of a copy of the tree. A mutant that survives is a control that no test would miss: exit code 1.
A mutant whose text is no longer in the source is an error of its own: exit code 2.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.mutants import MUTANTS

ROOT = Path(__file__).parent.parent
TESTS = {
    "components": (
        "tests/manifests/test_spring_service.py",
        "tests/manifests/test_platform.py",
        "tests/manifests/test_shapes.py",
        "tests/manifests/test_kube_score.py",
        "tests/manifests/test_any_settings.py",
        "tests/config",
    ),
    "config": (
        "tests/config/test_neighbours.py",
        "tests/config/test_protection.py",
        "tests/config/test_quota.py",
        "tests/config/test_ingresses.py",
        "tests/config/test_consistency.py",
        "tests/config/test_services.py",
        "tests/config/test_platform.py",
        "tests/config/test_account_quotas.py",
    ),
    "capture": ("tests/capture",),
    "debugger": ("tests/debugger",),
    "drift": ("tests/drift/test_drift.py",),
    "parity": ("tests/parity", "tests/cli/test_images.py"),
    "policies": ("tests/policies",),
    "reach": ("tests/reach",),
    "registry": ("tests/registry",),
    "report": (
        "tests/report/test_judgement.py",
        "tests/report/test_exemptions.py",
        "tests/report/test_quota.py",
        "tests/report/test_preview.py",
        "tests/report/test_changes.py",
    ),
}
"""Of each package the tests that must miss its controls, the most exact claims first.

Those of debugger need Linux and root, those of drift a control plane, those of report the engine, the others neither.
"""
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "rendered")


def main() -> int:
    """Run every mutant; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("packages", metavar="PACKAGE", nargs="*", help=f"only these: {', '.join(TESTS)}")
    packages = parser.parse_args().packages or list(TESTS)
    mutants = [mutant for mutant in MUTANTS if mutant.package in packages]
    console = Console()
    table = Table("control", "dropped from", "red", "seconds")
    survivors = 0
    with TemporaryDirectory(prefix="ack-platform-mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
        try:
            sources = {mutant: mutant.applied(tree) for mutant in mutants}
        except LookupError as error:
            console.print(f"This mutant does not fit the source any more: {error}", style="red")
            return 2
        for package in {mutant.package: None for mutant in mutants}:
            if red := first_red(tree, package):
                console.print(f"Without any mutant {red} is red already.", style="red")
                return 2
        for mutant, source in sources.items():
            place = tree / mutant.file
            original = place.read_text(encoding="utf-8")
            place.write_text(source, encoding="utf-8")
            begin = time.monotonic()
            red = first_red(tree, mutant.package)
            place.write_text(original, encoding="utf-8")
            survivors += not red
            table.add_row(mutant.control, mutant.where, red or "SURVIVED", f"{time.monotonic() - begin:.0f}")
            console.print(f"{mutant.control}, {mutant.where}: {red or 'SURVIVED'}", highlight=False, soft_wrap=True)
    console.print(table)
    console.print(f"{len(mutants)} mutants, {survivors} survived")
    return 1 if survivors else 0


def first_red(tree: Path, package: str) -> str:
    """The first test of a package that is red in a tree; empty if all are green."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-W", "ignore", *TESTS[package]],
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
