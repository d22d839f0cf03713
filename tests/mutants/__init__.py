"""Mutants: edits that each drop one control."""

from tests.mutants.builders import BUILDERS
from tests.mutants.checks import CHECKS
from tests.mutants.commands import COMMANDS
from tests.mutants.verdicts import VERDICTS

MUTANTS = (*BUILDERS, *CHECKS, *COMMANDS, *VERDICTS)
