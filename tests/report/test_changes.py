"""Each kind of change, made by editing a stack file and previewed by the real engine, gives its report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.report import Format, _text
from report.change import Impact
from report.markdown import markdown
from report.report import DATA_LOSS, DOWNTIME, NOTHING_WORSE, PUBLIC, REFUSED, Report
from tests.report.cases import CASES, GOLDEN, Scene, reported
from tests.settings import ROOT

NOBODYS_BUSINESS = "of-nobodys-business"


def everything(report: Report) -> str:
    return markdown(report) + json.dumps(report.json)


@pytest.mark.parametrize("name", CASES)
def test_a_change_gives_its_report(scene: Scene, tmp_path: Path, name: str) -> None:
    found = reported(scene, name, tmp_path)
    assert markdown(found) == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    assert found.exit_code == CASES[name].code
    assert NOBODYS_BUSINESS not in everything(found)


def test_every_golden_file_belongs_to_a_change() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def test_a_stack_that_is_not_up_yet_is_new_and_public(scene: Scene, tmp_path: Path) -> None:
    copy = scene.copy(tmp_path)
    copy.run("stack", "rm", "--force", "--yes")
    found = copy.report()
    assert {row.impact.words for row in found.services} == {"new"}
    assert [row.name for row in found.services if row.public] == ["gateway", "oauth2"]
    assert found.exit_code == 3


def test_the_page_shows_a_report_as_it_is(scene: Scene, tmp_path: Path) -> None:
    shown = _text(reported(scene, "several-at-once", tmp_path), Format.terminal, wide=True)
    page = (ROOT / "docs" / "how-to" / "read-a-report.md").read_text(encoding="utf-8")
    assert f"```text\n{shown}```\n" in page, shown


def test_the_page_has_every_word_for_what_happens_and_every_exit_code() -> None:
    page = (ROOT / "docs" / "how-to" / "read-a-report.md").read_text(encoding="utf-8")
    assert [each.words for each in Impact if f"`{each.words}`" not in page] == []
    codes = {int(code) for code in re.findall(r"^\| (\d) \|", page, re.MULTILINE)}
    assert codes == {NOTHING_WORSE, REFUSED, 2, PUBLIC, DOWNTIME, DATA_LOSS}
