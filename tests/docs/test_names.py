"""Every name in the documents exists: files, links, settings, commands, options, packages."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from cli.app import COMMANDS, app
from config.stack import PROJECT, SECRET_KEYS
from tests.docs.documents import Page, code_in, pages
from tests.docs.setting_keys import service_keys, setting_keys
from tests.settings import ROOT

every_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)

TARGETS = set(re.findall(r"^([\w -]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
MAKE = {name for line in TARGETS for name in line.split()}

FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
TO_BE_MADE = {"Pulumi.prod.yaml"}
"""Files that a how-to tells the reader to make."""
NO_FILES = {"ruamel.yaml"}
"""Packages whose names look like files'."""
NO_SETTINGS = {"modeType", "restartPolicy", "uat"}
"""What else stands before a colon: fields of Kubernetes, and the stack in what `ackp up` prints."""


def commands(page: Page, program: str) -> list[list[str]]:
    """The words after each mention of a program, in code and in code blocks."""
    blocks = [line for block in page.blocks for line in block.text.splitlines()]
    text = "\n".join([*page.code, *blocks])
    return [match[1].split() for match in re.finditer(rf"(?:^\$? *|/){program} ([^\n#|]*)", text, re.MULTILINE)]


@every_page
def test_every_relative_link_leads_to_a_file_and_every_anchor_to_a_heading(page: Page) -> None:
    for text, target in page.links:
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.path.parent / name.replace("\\", "")).resolve() if name else page.path
        if re.fullmatch(r"[\w./-]+\.\w+", text):
            assert name.endswith(text), f"[{text}]({target})"
        assert file.exists(), f"[{text}]({target})"
        if anchor:
            assert anchor in Page(file).anchors, f"[{text}]({target})"


@every_page
def test_every_path_in_code_exists(page: Page) -> None:
    for word in page.code:
        path = word.split(" ")[0].rstrip("/")
        if re.fullmatch(r"[\w.\-/]+", path) and _is_path(word, path):
            found = [ROOT / path, page.path.parent / path, ROOT / "config" / path, ROOT / "scripts" / path]
            assert path in TO_BE_MADE | NO_FILES or any(each.exists() for each in found), word


@every_page
def test_every_setting_exists(page: Page) -> None:
    sections = {key.split(".")[0] for key in setting_keys()}
    for word in page.code:
        if re.fullmatch(r"[a-z][A-Za-z]*(\.(\*|[a-z][A-Za-z]*))+", word) and word.split(".")[0] in sections:
            if word.split(".")[-1] in {"yaml", "json", "md", "load", "py"}:
                continue
            assert word in setting_keys() | service_keys(), word


@every_page
def test_every_setting_with_a_value_exists(page: Page) -> None:
    known = {path.split(".")[-1] for path in setting_keys()} | setting_keys() | service_keys() | NO_SETTINGS
    for word in page.code:
        match = re.match(r"([a-z][\w.]*): \S", word)
        if match:
            assert match[1] in known, word


@every_page
def test_every_make_target_exists(page: Page) -> None:
    for words in commands(page, "make"):
        assert words[0] in MAKE, words
        assert all(re.fullmatch(r"(STACK|OUT)=\w+", word) for word in words[1:] if "=" in word), words


@every_page
def test_every_command_of_ackp_exists_with_its_options(page: Page) -> None:
    group = typer.main.get_command(app)
    for words in commands(page, "ackp"):
        assert words[0] in COMMANDS, words
        command = group.get_command(None, words[0])  # type: ignore[attr-defined] # a group, which mypy cannot know
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words[1:] if word.startswith("-") and word != "-"} <= known, words


@every_page
def test_every_secret_that_is_set_exists(page: Page) -> None:
    for words in commands(page, "pulumi"):
        if words[:2] == ["config", "set"] and "--secret" in words:
            assert words[-1] in {*SECRET_KEYS, "…"}, words
            assert len(words) <= 6, f"a value on the command line: {words}"


@every_page
def test_every_key_of_a_stack_file_in_a_block_exists(page: Page) -> None:
    sections = {key for key in setting_keys() if "." not in key}
    for block in page.blocks:
        for key in re.findall(rf"(?<!:){PROJECT}:(\w+):", block.text):
            assert key in sections, key


def test_the_folders_in_contributing_are_the_houses() -> None:
    table = next(table for table in Page(ROOT / "CONTRIBUTING.md").tables if table[0][0] == "Folder")
    named = {code_in(cells[0])[0].rstrip("/") for cells in table[1:]}
    assert named <= FOLDERS
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= named


def test_contributing_gives_a_reason_for_every_dependency_and_for_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += project["dependency-groups"]["dev"]
    tables = [table for table in Page(ROOT / "CONTRIBUTING.md").tables if table[0] == ["Package", "Why"]]
    explained = {name: why for table in tables for names, why in table[1:] for name in code_in(names)}
    assert set(explained) == {requirement.split("==")[0] for requirement in wanted}
    assert all(explained.values())


def test_every_decision_says_why_and_fits_a_page() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert numbers == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        parts = [text.lower() for _, text in Page(path).headings[1:]]
        assert re.search("context|question", parts[0]), path.name
        assert "decision" in parts[1], path.name
        assert len(parts) >= 3, path.name
        assert len(path.read_text(encoding="utf-8").split()) < 600, path.name


def test_every_how_to_is_in_the_list() -> None:
    folder = ROOT / "docs" / "how-to"
    listed = {target for _, target in Page(folder / "README.md").links}
    assert {path.name for path in folder.glob("*.md")} - {"README.md"} <= listed


def test_the_changelog_has_a_breaking_heading_in_every_version() -> None:
    versions = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert versions
    for version in versions:
        assert "\n### Breaking\n" in version, version.splitlines()[0]


def _is_path(word: str, path: str) -> bool:
    named = Path(path).suffix in {".yaml", ".md", ".py", ".sh", ".yml", ".toml"} and "STACK" not in path
    return named or ("/" in word and path.partition("/")[0] in FOLDERS)
