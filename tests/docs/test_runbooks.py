"""The runbooks: both languages say the same in the same parts, people find them, and what they quote is real."""

from __future__ import annotations

import re
from itertools import zip_longest

import pytest

from tests.cluster.controllers.eip import FINALIZER
from tests.docs.documents import CHINESE, ENGLISH, Page, code_in, in_english
from tests.docs.runbooks import FOLDER, INDEX, RUNBOOKS, every_runbook, twin
from tests.settings import ROOT

PARTS = ["What you see", "What it means", "Look", "Mend", "Afterwards"]

every_page = pytest.mark.parametrize("page", [*RUNBOOKS, INDEX], ids=lambda page: page.path.stem)


@every_page
def test_both_languages_show_the_same_parts_commands_names_and_pages(page: Page) -> None:
    chinese = twin(page)
    assert [level for level, _ in page.headings] == [level for level, _ in chinese.headings]
    assert page.blocks == chinese.blocks
    assert sorted(page.code) == sorted(chinese.code)
    pairs = zip_longest(page.links, chinese.links)
    for (text, target), (_, theirs) in pairs:
        assert in_english(theirs) == target.partition("#")[0] or theirs == target or text == "中文", (target, theirs)
    for english, other in zip_longest(page.tables, chinese.tables):
        assert [[code_in(cell) for cell in row] for row in english] == [
            [code_in(cell) for cell in row] for row in other
        ]


@every_page
def test_the_chinese_page_is_chinese_and_leads_to_chinese_pages_where_there_are_some(page: Page) -> None:
    chinese = twin(page)
    for text in [chinese.headings[0][1], *(text for level, text in chinese.headings if level == 2)]:
        assert re.search(r"[\u4e00-\u9fff]", text), text
    for _, target in chinese.links[1:]:
        path = (FOLDER / target.partition("#")[0]).resolve()
        if not target.startswith("http") and ".zh-CN" not in path.name:
            assert not path.with_name(f"{path.stem}.zh-CN.md").exists(), target


@every_runbook
def test_a_runbook_has_the_same_parts_as_all_others_and_fits_two_screens(page: Page) -> None:
    assert [text for level, text in page.headings if level == 2] == PARTS
    assert len(page.text.splitlines()) <= 100


def test_the_index_has_every_runbook_once_and_people_find_it_where_they_look() -> None:
    listed = [target for row in INDEX.tables[0][1:] for cell in row for _, target in _links(cell)]
    assert sorted(listed) == [page.path.name for page in RUNBOOKS]
    assert "docs/runbooks/README.md" in {target for _, target in Page(ENGLISH).links}
    assert "docs/runbooks/README.zh-CN.md" in {target for _, target in Page(CHINESE).links}
    for place in ("README", "when-up-fails", "keep-the-state", "remove-old-logs", "quotas-of-the-account"):
        targets = [target for _, target in Page(ROOT / "docs" / "how-to" / f"{place}.md").links]
        assert any(target.startswith("../runbooks/") for target in targets), place


def test_the_words_of_a_lock_and_of_a_rollout_are_those_that_other_tests_get_from_the_engine_and_the_server() -> None:
    [seen] = [block.text for block in Page(FOLDER / "lock-held.md").blocks if block.language == "text"]
    assert seen in (ROOT / "docs" / "how-to" / "keep-the-state.md").read_text(encoding="utf-8")
    [seen] = [block.text for block in Page(FOLDER / "rollout-stuck.md").blocks if block.language == "text"]
    failed = (ROOT / "docs" / "how-to" / "when-up-fails.md").read_text(encoding="utf-8")
    for line in seen.splitlines():
        assert line in failed


def test_what_the_sidecar_says_on_the_page_it_says() -> None:
    script = (ROOT / "components" / "scripts" / "registration.sh").read_text(encoding="utf-8")
    spoken = script.replace('\\"', '"')
    table = next(table for table in Page(FOLDER / "nacos-lists-differ.md").tables if table[0][0] == "Line")
    words = [word for row in table[1:] for word in code_in(row[0])]
    assert len(words) >= 8
    for word in words:
        assert word in spoken, word


def test_the_warning_of_a_certificate_is_the_programs() -> None:
    source = (ROOT / "components" / "certificates.py").read_text(encoding="utf-8")
    [warning] = [word for word in Page(FOLDER / "certificate-expiring.md").code if word.startswith("is not among")]
    assert warning in source


def test_the_finalizer_of_the_page_is_the_controllers() -> None:
    assert FINALIZER in Page(FOLDER / "eip-not-released.md").code


def _links(cell: str) -> list[tuple[str, str]]:
    return re.findall(r"\[([^\]]+)\]\(([^)]+)\)", cell)
