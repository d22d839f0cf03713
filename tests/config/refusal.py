"""One bad input and the report that it must lead to."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from config import Problem, SettingsError
from config.errors import UNSET
from tests.config.changes import Changes, load_changed


@dataclass(frozen=True)
class Refusal:
    """A change of a shipped stack that must be refused with exactly these words."""

    sentence: str
    changes: Changes
    path: str
    """Of the problem, without the project's prefix."""
    value: Any = UNSET
    rule: str = ""
    """A part of the rule."""
    mend: str = ""
    """A part of the mend."""
    stack: str = "test"
    beside: tuple[str, ...] = field(default=())
    """Paths of further problems that the change leads to."""

    def check(self) -> None:
        """Load, and compare the report."""
        with pytest.raises(SettingsError) as raised:
            load_changed(self.changes, self.stack)
        found: dict[str, list[Problem]] = {}
        for problem in raised.value.problems:
            found.setdefault(problem.path.removeprefix("ack-platform:"), []).append(problem)
        assert set(found) == {self.path, *self.beside}, str(raised.value)
        matching = [each for each in found[self.path] if self.rule in each.rule and self.mend in each.mend]
        assert matching, str(raised.value)
        problem = matching[0]
        assert problem.value == self.value
        assert problem.mend
        assert problem.file in (f"Pulumi.{self.stack}.yaml", "services.yaml")
        report = str(raised.value)
        assert problem.file in report
        assert problem.rule in report
        assert problem.mend in report


def refusals(*cases: Refusal) -> pytest.MarkDecorator:
    """Parametrize a test with refusals; its names are their sentences."""
    return pytest.mark.parametrize("refusal", [pytest.param(case, id=case.sentence) for case in cases])
