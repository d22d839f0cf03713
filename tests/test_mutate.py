"""The mutation check itself: its mutants fit the source, and each control has one."""

import ast
import subprocess

import pytest

from tests.mutants import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutate import ROOT, TESTS

CONTROLS = {
    "seccomp",
    "probes",
    "drain",
    "quota",
    "spread",
    "pull secret",
    "selector label",
    "sub-path",
    "gate",
    "network policy",
    "fit",
    "collision",
    "certificate",
    "last day",
    "rule",
    "waiver",
    "impact",
    "exposure",
    "secret",
    "drift",
    "parity",
    "promotion",
    "debugging",
    "reachability",
    "capture",
    "moving tag",
}


def test_each_control_is_dropped_by_a_mutant() -> None:
    assert {mutant.control for mutant in MUTANTS} == CONTROLS


def test_each_package_with_mutants_has_tests_that_exist() -> None:
    assert {mutant.package for mutant in MUTANTS} == set(TESTS)
    assert [path for paths in TESTS.values() for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.control}, {mutant.where}")
def test_a_mutant_fits_the_source_and_is_a_program_still(mutant: Mutant) -> None:
    source = mutant.applied(ROOT)
    if mutant.file.endswith(".sh"):
        subprocess.run(["sh", "-n"], input=source, text=True, check=True)
    else:
        ast.parse(source)


def test_a_mutant_that_fits_no_more_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"pod\.py has its text 0 times"):
        Mutant("probes", "nothing", "components/manifests/pod.py", "no such text").applied(ROOT)
