"""The runbooks: both languages say the same, and what they tell a tired person to type is real."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cli.app import COMMANDS, app
from components.manifests.platform import platform_objects
from components.manifests.pod import ALB_GATE, EIP_GATE
from config import load_stack
from sandbox.engine import find_engine
from sandbox.progress import Lines
from tests.cluster.controllers.eip import FINALIZER
from tests.docs.documents import CHINESE, ENGLISH, Page, code_in, in_english
from tests.docs.kubectl import KINDS, Kubectl
from tests.docs.shell import commands
from tests.manifests.schemas import has_field, schema_has_field
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "runbooks"
INDEX = Page(FOLDER / "README.md")
RUNBOOKS = [Page(path) for path in sorted(FOLDER.glob("*.md")) if ".zh-CN" not in path.name and path != INDEX.path]
PARTS = ["What you see", "What it means", "Look", "Mend", "Afterwards"]
CONDITIONS = {"Ready", ALB_GATE, EIP_GATE}
MADE = {("job", "log-retention-report"), ("job", "log-retention-now"), ("secret", "gateway-tls")}
"""Objects that a page has just made, or that a person makes beside the stack."""
FIELD_SELECTORS = {"events": {"type"}, "pods": {"status.podIP"}}
"""Fields that the API server selects by: ToSelectableFields in
https://github.com/kubernetes/kubernetes/tree/v1.36.1/pkg/registry/core, event/strategy.go and pod/strategy.go."""

every_runbook = pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.path.stem)
every_page = pytest.mark.parametrize("page", [*RUNBOOKS, INDEX], ids=lambda page: page.path.stem)


def twin(page: Page) -> Page:
    """The same in Chinese."""
    return Page(page.path.with_name(f"{page.path.stem}.zh-CN.md"))


@cache
def objects() -> tuple[dict[str, Any], ...]:
    """What the stack uat has in its cluster."""
    return tuple(platform_objects(load_stack("uat", ROOT, secrets="generated")))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The objects of a kind, by name."""
    return {each["metadata"]["name"]: each for each in objects() if each["kind"] == kind}


def kubectl(page: Page) -> list[Kubectl]:
    """The commands of kubectl on a page."""
    return [Kubectl.parsed(words) for words in commands(page) if words[0] == "kubectl"]


def blank(word: str) -> bool:
    """Whether it is for the reader to fill in."""
    return re.fullmatch(r"[A-Z]+", word) is not None


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


@every_runbook
def test_every_kubectl_command_names_kinds_objects_namespaces_and_containers_that_exist(page: Page) -> None:
    for command in kubectl(page):
        assert command.options.get("-n", "uat") in {"uat", "kube-system"}
        if command.verb != "replace":
            assert command.kind in KINDS, command
        for kind, name in command.objects:
            assert blank(name) or (kind, name) in MADE or name in of_kind(KINDS[kind][1]), f"{kind}/{name}"
        if container := command.options.get("-c"):
            pods = [each["spec"]["template"]["spec"] for each in of_kind("Deployment").values()]
            named = {name for kind, name in command.objects if kind == "deployment"}
            if named:
                pods = [of_kind("Deployment")[name]["spec"]["template"]["spec"] for name in named]
            for pod in pods:
                assert container in {each["name"] for each in [*pod["containers"], *pod["initContainers"]]}, command


@every_runbook
def test_every_label_selects_the_pods_of_one_service_and_no_others(page: Page) -> None:
    for command in kubectl(page):
        labels = command.labels
        if command.kind == "endpointslices":
            assert labels.pop("kubernetes.io/service-name") in of_kind("Service")
        elif labels:
            deployments = of_kind("Deployment").values()
            chosen = [
                each for each in deployments if labels.items() <= each["spec"]["template"]["metadata"]["labels"].items()
            ]
            assert [each["spec"]["selector"]["matchLabels"] for each in chosen] == [labels], labels


@every_runbook
def test_every_field_and_condition_that_is_printed_or_selected_by_exists(page: Page) -> None:
    for command in kubectl(page):
        assert set(command.conditions) <= CONDITIONS
        for names in command.paths:
            assert _has(command.kind, names), (command.kind, names)
        for term in filter(None, command.options.get("--field-selector", "").split(",")):
            assert term.partition("=")[0] in FIELD_SELECTORS[command.kind]
        if order := command.options.get("--sort-by"):
            assert _has(command.kind, order.strip(".").split("."))


@every_runbook
def test_every_path_inside_a_pod_is_the_services_data_dir(page: Page) -> None:
    settings = load_stack("uat", ROOT, secrets="generated")
    for command in kubectl(page):
        for path in re.findall(r"/product/[\w/]+", " ".join(command.inside)):
            [(_, name)] = command.objects
            assert path.rstrip("/") == settings.data_dir(name), command


@every_runbook
def test_every_command_of_ackp_is_accepted_by_the_command_line(page: Page) -> None:
    group = typer.main.get_command(app)
    for program, name, *words in (words for words in commands(page) if words[0].endswith("ackp")):
        assert program == "scripts/ackp"
        assert name in COMMANDS
        with group.make_context("ackp", [name]) as context:
            command = group.get_command(context, name)  # type: ignore[attr-defined] # a group, which mypy cannot know
            command.make_context(name, list(words))


@every_runbook
def test_every_command_of_pulumi_is_one_of_the_real_engine_with_its_options(page: Page) -> None:
    for _, *words in (words for words in commands(page) if words[0] == "pulumi"):
        first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        verbs = words[: min(first, 2 if words[0] in ("stack", "config") else 1)]
        said = _help(*verbs)
        used = re.search(r"^Usage:\n  pulumi (.+)", said, re.MULTILINE)
        also = re.search(r"^Aliases:\n  (.+)", said, re.MULTILINE)
        assert used, words
        assert verbs[-1] in {used[1].split()[len(verbs) - 1], *(also[1].split(", ") if also else ())}, words
        known = set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", said, re.MULTILINE))
        assert {word for word in words if word.startswith("--")} <= known, words


def test_a_stack_that_is_not_there_is_told_by_the_engine_as_the_page_says(tmp_path: Path) -> None:
    said = _engine("preview", "--stack", "uat", "--non-interactive", backend=tmp_path)
    word = next(word for word in Page(FOLDER / "state-lost.md").code if word.startswith("no stack"))
    assert f"error: {word}" in said


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


def test_the_finalizer_of_the_page_is_the_controllers() -> None:
    assert FINALIZER in Page(FOLDER / "eip-not-released.md").code


def _links(cell: str) -> list[tuple[str, str]]:
    return re.findall(r"\[([^\]]+)\]\(([^)]+)\)", cell)


def _has(kind: str, names: list[str]) -> bool:
    api_version, called = KINDS[kind]
    if called == "AlbConfig":  # its resource definition has no schema: what the imitated controller writes
        source = (ROOT / "tests" / "cluster" / "controllers" / "alb.py").read_text(encoding="utf-8")
        return all(f'"{name}"' in source for name in names)
    if called == "PodEIP" and names[0] != "metadata":
        definitions = yaml.safe_load_all((ROOT / "cluster" / "resources" / "definitions.yaml").read_text("utf-8"))
        [found] = [each for each in definitions if each["spec"]["names"]["kind"] == called]
        return schema_has_field(found["spec"]["versions"][0]["schema"]["openAPIV3Schema"], names)
    return has_field("v1", "Pod", names) if called == "PodEIP" else has_field(api_version, called, names)


@cache
def _help(*verbs: str) -> str:
    return _engine(*verbs, "--help")


def _engine(*words: str, backend: Path | None = None) -> str:
    """Both outputs of the engine; without a backend it may only tell about itself."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_CONFIG_PASSPHRASE": "none"}
    environment["PULUMI_BACKEND_URL"] = f"file://{backend or '/nowhere'}"
    done = subprocess.run(
        [find_engine(Lines()).path, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
