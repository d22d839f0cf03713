"""The mutation check itself: its mutants fit the source, and each control has one."""

import ast

import pytest

from tests.mutate import MUTANTS, ROOT, Mutant

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
}


def test_each_control_is_dropped_by_a_mutant() -> None:
    assert {mutant.control for mutant in MUTANTS} == CONTROLS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.control}, {mutant.where}")
def test_a_mutant_fits_the_source_and_is_a_program_still(mutant: Mutant) -> None:
    ast.parse(mutant.applied(ROOT))


def test_a_mutant_that_fits_no_more_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"pod\.py has its text 0 times"):
        Mutant("probes", "nothing", "pod.py", "no such text").applied(ROOT)
