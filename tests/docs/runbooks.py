"""The runbooks: one page for each alarm, each with a Chinese twin."""

from __future__ import annotations

import pytest

from tests.docs.documents import Page
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "runbooks"
INDEX = Page(FOLDER / "README.md")
RUNBOOKS = [Page(path) for path in sorted(FOLDER.glob("*.md")) if ".zh-CN" not in path.name and path != INDEX.path]

every_runbook = pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.path.stem)


def twin(page: Page) -> Page:
    """The same in Chinese."""
    return Page(page.path.with_name(f"{page.path.stem}.zh-CN.md"))
