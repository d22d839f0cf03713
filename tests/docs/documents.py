"""What people read, taken apart: headings, code blocks, tables, links, words in code."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.settings import ROOT

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(path for path in (ROOT / "docs").rglob("*.md") if "reference" not in path.parts)]
)
"""Every page that is written by hand."""

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One page."""

    path: Path

    @property
    def name(self) -> str:
        """The path below the project, for test names."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """The whole text."""
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        """The code blocks, as they are written but for the indentation of their list item."""
        return [
            Block(match[2], re.sub(rf"^{match[1]}", "", match[3], flags=re.MULTILINE))
            for match in _FENCE.finditer(self.text)
        ]

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of each heading."""
        return [(len(match[1]), match[2]) for match in re.finditer(r"^(#+) (.+)$", self.prose, re.MULTILINE)]

    @property
    def anchors(self) -> set[str]:
        """The anchors that GitHub gives to the headings."""
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in self.headings}

    @property
    def links(self) -> list[tuple[str, str]]:
        """Text and target of each link, pictures included."""
        return [(match[1], match[2]) for match in _LINK.finditer(self.prose)]

    @property
    def code(self) -> list[str]:
        """The words that stand in code within the prose, those of links included."""
        return _CODE.findall(self.prose)

    @property
    def tables(self) -> list[list[list[str]]]:
        """The tables, each a list of rows of cells without the ruling line."""
        found: list[list[list[str]]] = []
        inside = False
        for line in map(str.strip, self.prose.splitlines()):
            if not line.startswith("|"):
                inside = False
                continue
            if not inside:
                found.append([])
            inside = True
            if not re.fullmatch(r"[|\- ]+", line) or "---" not in line:
                found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        return found

    def section(self, heading: str) -> str:
        """The text below a heading, up to the next of its level or above."""
        start = re.search(rf"^(#+) {re.escape(heading)}$", self.text, re.MULTILINE)
        assert start, f"{self.name} has no section {heading}"
        end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE).search(self.text, start.end())
        return self.text[start.end() : end.start() if end else None]


def links_in(cell: str) -> list[str]:
    """The targets of the links in a table's cell."""
    return [match[2] for match in _LINK.finditer(cell)]


def code_in(text: str) -> list[str]:
    """The words in code in a piece of prose."""
    return _CODE.findall(text)


def in_english(target: str) -> str:
    """A link as the English page has it; one to a Chinese page loses its anchor, which is in Chinese words."""
    return target.partition("#")[0].replace(".zh-CN.md", ".md") if ".zh-CN.md" in target else target


def pages() -> list[Page]:
    """Every page that is written by hand."""
    return [Page(path) for path in DOCUMENTS]
