"""What `make bench` compares is the same on both sides. How long it takes is for `make bench` to say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from benchmarks.chart_values import chart_values
from benchmarks.checks import check
from benchmarks.helm_tool import CHART, helm_program
from benchmarks.objects import differences, objects
from benchmarks.stack import SECOND_STACK, STACK, add_stack, add_typo, copy_project
from cli.manifest_text import manifest_texts
from config import SettingsError, StackSettings, load_stack

SERVICES = 15  # two rounds of the catalogue, and a third gateway


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "project"
    copy_project(folder, SERVICES)
    return folder


def settings_of(project: Path, stack: str = STACK) -> StackSettings:
    return load_stack(stack, project, secrets="generated", catalogue=project / "config" / "services.yaml")


def rendered(settings: StackSettings) -> str:
    return "".join(f"---\n{text}" for _, text in manifest_texts(settings))


@pytest.fixture(scope="module")
def by_helm(project: Path) -> str:
    values = project / "values.json"
    values.write_text(json.dumps(chart_values(settings_of(project))))
    command = list(map(str, (helm_program(), "template", "platform", CHART, "--values", values)))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_chart_yields_the_very_objects_of_render(project: Path, by_helm: str) -> None:
    """Where this fails, a builder has changed: change benchmarks/chart with it."""
    assert differences(rendered(settings_of(project)), by_helm) == []


def test_every_service_of_the_large_stack_has_six_objects_or_more(project: Path) -> None:
    settings = settings_of(project)
    found = objects(rendered(settings)).values()
    for service in settings.services:
        own = [each for each in found if each["metadata"]["labels"].get("app.kubernetes.io/name") == service]
        assert len(own) >= 6, service


def test_a_changed_a_missing_and_an_added_object_are_each_a_difference(by_helm: str) -> None:
    manifests = [each for each in yaml.safe_load_all(by_helm) if each]
    manifests[0]["metadata"]["labels"]["env"] = "test"
    added = {"kind": "ConfigMap", "metadata": {"name": "added"}}
    changed = yaml.safe_dump_all([*manifests[:-1], added])
    assert len(differences(by_helm, changed)) == 3


def test_the_misspelt_key_is_what_is_reported(tmp_path: Path) -> None:
    copy_project(tmp_path / "project", SERVICES)
    add_typo(tmp_path / "project")
    with pytest.raises(SettingsError, match='did you mean "minReplicas"'):
        settings_of(tmp_path / "project")


def test_the_two_stacks_whose_checks_are_timed_are_of_one_cluster_and_take_nothing_of_each_other(
    tmp_path: Path,
) -> None:
    copy_project(tmp_path / "project", SERVICES)
    add_stack(tmp_path / "project")
    first, second = (settings_of(tmp_path / "project", stack) for stack in (STACK, SECOND_STACK))
    assert first.cluster.id == second.cluster.id
    check(first, second)
    clashing = second.model_copy(update={"environment": first.environment})
    with pytest.raises(ValueError, match="namespace"):
        check(first, clashing)
