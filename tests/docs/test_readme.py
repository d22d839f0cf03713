"""The README and its Chinese twin: equal to each other, and true of the code."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from cli.manifest_text import manifest_texts
from config import CATALOGUE, StackSettings, load_stack
from tests.docs.documents import CHINESE, ENGLISH, Page, code_in, in_english, links_in
from tests.program.identity import GOLDEN
from tests.settings import ROOT

EN, ZH = Page(ENGLISH), Page(CHINESE)

ROWS = [*(f"G{number}" for number in range(1, 30)), *(f"F{number}" for number in range(1, 7))]

CONSOLE_WORDS = {
    "命名空间": "Namespace",
    "无状态": "Deployment",
    "有状态": "StatefulSet",
    "守护进程集": "DaemonSet",
    "任务": "Job",
    "定时任务": "CronJob",
    "容器组": "Pod",
    "自定义资源": "CustomResourceDefinition",
    "服务": "Service",
    "路由": "Ingress",
    "配置项": "ConfigMap",
    "保密字典": "Secret",
    "存储声明": "PersistentVolumeClaim",
    "存储卷": "PersistentVolume",
    "存储类": "StorageClass",
    "Helm": "Helm",
    "服务网格": "ServiceMesh",
}

PROTECTED_WORDS = {
    "AccessGroup": "access group",
    "AlbConfig": "AlbConfig",
    "FileSystem": "NAS file system",
    "IngressClass": "IngressClass",
    "kubernetes": "the Kubernetes provider",
    "KubernetesAddon": "ALB Ingress Controller",
    "LoadBalancer": "ALB,",
    "MountTarget": "mount target",
    "Namespace": "Namespace",
    "PersistentVolume": "PersistentVolume,",
    "PersistentVolumeClaim": "PersistentVolumeClaim",
    "Release": "ack-extend-network-controller",
    "ResourceQuota": "ResourceQuota",
    "Secret": "pull Secret",
}


def rows(page: Page) -> dict[str, list[str]]:
    """The guide's rows by number, each with its cells after the number."""
    table = next(table for table in page.tables if table[1][0] == "G1")
    return {cells[0]: cells[1:] for cells in table[1:]}


def test_both_readmes_have_the_same_sections_in_the_same_order() -> None:
    for english, chinese in zip_longest(EN.headings, ZH.headings):
        assert english[0] == chinese[0], f"{english[1]} beside {chinese[1]}"
        assert re.match(r"[\d.]*", english[1])[0] == re.match(r"[\d.]*", chinese[1])[0]  # type: ignore[index] # the pattern matches every text


def test_both_readmes_show_the_same_commands_and_the_same_code() -> None:
    assert EN.blocks == ZH.blocks
    assert len(EN.blocks) > 8


def test_both_readmes_have_the_same_tables_with_the_same_code_and_links() -> None:
    for english, chinese in zip_longest(EN.tables, ZH.tables):
        for left, right in zip_longest(english, chinese):
            assert len(left) == len(right), (left, right)
            assert [code_in(cell) for cell in left] == [code_in(cell) for cell in right]
            assert [_outside(cell) for cell in left] == [_outside(cell) for cell in right]


def test_both_readmes_mention_the_same_settings_commands_and_pages() -> None:
    assert sorted(EN.code) == sorted(ZH.code)
    targets = [sorted(in_english(target) for _, target in page.links if target[0] != "#") for page in (EN, ZH)]
    assert targets[0] == targets[1]


def test_the_chinese_readme_is_chinese() -> None:
    for _, heading in ZH.headings[1:]:
        assert re.search(r"[\u4e00-\u9fff]", heading), heading
    for paragraph in re.sub(r"`[^`]*`|\([^)]*\)", "", ZH.prose).split("\n\n"):
        words = re.findall(r"[A-Za-z]{3,}", paragraph)
        assert len(words) < 12 or re.search(r"[\u4e00-\u9fff]", paragraph), paragraph


@pytest.mark.parametrize("page", [EN, ZH], ids=["English", "Chinese"])
def test_every_row_of_the_guide_has_its_place(page: Page) -> None:
    assert list(rows(page)) == ROWS


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_done_with_code_and_a_test_that_names_it(row: str) -> None:
    _, _, code, test = rows(EN)[row]
    assert links_in(code), row
    assert links_in(test), row
    for target in links_in(test):
        assert re.search(rf"test_{row.lower()}_|\b{row}\b", (ROOT / target).read_text(encoding="utf-8")), target


@pytest.mark.parametrize("page", [EN, ZH], ids=["English", "Chinese"])
def test_g29_the_word_list_has_every_term_of_the_console(page: Page) -> None:
    table = page.tables[-1]
    assert {console: kind for console, kind, _ in table[1:]} == CONSOLE_WORDS


def test_the_tree_in_the_readme_is_what_the_program_creates() -> None:
    golden = (GOLDEN / "uat.txt").read_text(encoding="utf-8").splitlines()
    created = [line.split() for line in golden if "  read" not in line]
    kinds = {(words[0].rpartition(":")[2], words[1]) for words in created}
    shown = next(block.text for block in EN.blocks if "+ SpringService" in block.text)
    lines = re.findall(r"\+ (\w+) (\S+)$", shown, re.MULTILINE)
    assert len(lines) > 8
    assert set(lines) <= kinds
    assert all(name.startswith(f"{parent}-") for parent, name in _children(shown)), shown
    assert f"\n{len(created)} created" in shown


def test_what_is_said_to_be_protected_is_protected_and_all_of_it() -> None:
    section = EN.section("7. What `pulumi destroy` refuses and leaves")
    golden = "".join((GOLDEN / f"{stack}.txt").read_text(encoding="utf-8") for stack in ("test", "uat"))
    kept = {line.split()[0].rpartition(":")[2] for line in golden.splitlines() if re.search(r"\bprotect\b", line)}
    assert kept == set(PROTECTED_WORDS)
    table = "\n".join(line for line in section.splitlines() if line.startswith("|"))
    for kind, word in PROTECTED_WORDS.items():
        assert word in table, kind


def test_a_service_added_as_the_readme_says_adds_its_own_objects_and_changes_nothing(tmp_path: Path) -> None:
    catalogue, stack = (block.text for block in EN.blocks if block.language == "yaml")
    assert len([*catalogue.splitlines(), *stack.splitlines()]) <= 10
    before = dict(manifest_texts(load_stack("uat", ROOT, secrets="generated")))
    after = dict(manifest_texts(_extended(tmp_path, catalogue, stack)))
    assert {name for name, text in before.items() if after.get(name) != text} == set()
    kinds = {name.partition("-")[0] for name in after.keys() - before.keys()}
    assert kinds >= {"deployment", "service", "ingress", "serviceaccount"}
    for name in after.keys() - before.keys():
        assert re.match(r"\w+-uat-notify[.-]", name), name


def _extended(folder: Path, catalogue: str, stack: str) -> StackSettings:
    (folder / CATALOGUE.name).write_text(CATALOGUE.read_text(encoding="utf-8") + catalogue, encoding="utf-8")
    text = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.uat.yaml").write_text(text + stack, encoding="utf-8")
    return load_stack("uat", folder, secrets="generated", catalogue=folder / CATALOGUE.name)


def _outside(cell: str) -> list[str]:
    return [in_english(target) for target in links_in(cell) if not target.startswith("#")]


def _children(tree: str) -> Iterator[tuple[str, str]]:
    """Component and child by name, for each child that the tree shows."""
    parent = ""
    for line in tree.splitlines():
        name = line.rpartition(" ")[2]
        if re.match(r"[├└]── \+ ", line):
            parent = name
        elif "── + " in line:
            yield parent, name
