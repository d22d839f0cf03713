"""What the runbooks tell a tired person to type: it is real, down to names, labels, fields and options."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
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
from tests.docs.documents import Page
from tests.docs.kubectl import KINDS, Kubectl
from tests.docs.runbooks import FOLDER, every_runbook
from tests.docs.shell import commands
from tests.manifests.schemas import has_field, schema_has_field
from tests.settings import ROOT

PROGRAMS = {"aliyun", "curl", "grep", "helm", "jq", "kubectl", "openssl", "ps", "pulumi", "sed"}
CONDITIONS = {"Ready", ALB_GATE, EIP_GATE}
MADE = {("secret", "gateway-tls")}
"""Objects that a person makes beside the stack."""
FIELD_SELECTORS = {"events": {"type"}, "pods": {"status.podIP"}}
"""Fields that the API server selects by: ToSelectableFields in
https://github.com/kubernetes/kubernetes/tree/v1.36.1/pkg/registry/core, event/strategy.go and pod/strategy.go."""


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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's own folder, for these tests."""
    return tmp_path_factory.mktemp("pulumi")


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
def test_every_program_is_this_projects_own_or_one_that_people_have(page: Page) -> None:
    for program in {words[0] for words in commands(page)}:
        if "/" in program:
            assert os.access(ROOT / program, os.X_OK), program
        else:
            assert program in PROGRAMS


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
def test_every_command_of_pulumi_is_one_of_the_real_engine_with_its_options(page: Page, home: Path) -> None:
    for _, *words in (words for words in commands(page) if words[0] == "pulumi"):
        first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        verbs = words[: min(first, 2 if words[0] in ("stack", "config") else 1)]
        said = _help(home, *verbs)
        used = re.search(r"^Usage:\n  pulumi (.+)", said, re.MULTILINE)
        also = re.search(r"^Aliases:\n  (.+)", said, re.MULTILINE)
        assert used, words
        assert verbs[-1] in {used[1].split()[len(verbs) - 1], *(also[1].split(", ") if also else ())}, words
        known = set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", said, re.MULTILINE))
        assert {word for word in words if word.startswith("--")} <= known, words


def test_a_stack_that_is_not_there_is_told_by_the_engine_as_the_page_says(home: Path) -> None:
    said = _engine(home, "preview", "--stack", "uat", "--non-interactive")
    word = next(word for word in Page(FOLDER / "state-lost.md").code if word.startswith("no stack"))
    assert f"error: {word}" in said


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
def _help(home: Path, *verbs: str) -> str:
    return _engine(home, *verbs, "--help")


def _engine(home: Path, *words: str) -> str:
    """Both outputs of the engine, with an empty store."""
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": home.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "none",
        "PULUMI_HOME": str(home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    command = [str(find_engine(Lines()).path), *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
