"""`ackp drift` from the command line, on a real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from components.manifests.metadata import FIELD_MANAGER
from tests.cluster.platform import Platform
from tests.docs.documents import Page
from tests.drift.test_drift import STRATEGIC, container
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "find-drift.md")


@pytest.fixture
def edited(platform: Platform) -> Iterator[Platform]:
    """What the page tells: an image set by hand, a variable that is gone, and a budget that is gone."""
    study, budget = (platform.object("uat", name) for name in ("study-deployment", "exam-disruption-budget"))
    image = "registry-vpc.cn-hangzhou.aliyuncs.com/example/study:hot-fix"
    platform.api.patch(study, container("study", image=image), form=STRATEGIC, manager="kubectl-set")
    gone = [{"name": "LANG", "$patch": "delete"}]
    platform.api.patch(study, container("study", env=gone), form=STRATEGIC, manager="kubectl-edit")
    platform.api.delete(budget)
    yield platform
    platform.api.apply(budget, FIELD_MANAGER)
    platform.applier.up(platform.plans["uat"], force=True)


def run(kubeconfig: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["drift", "uat", "--kubeconfig", str(kubeconfig), *arguments])


def test_without_drift_the_exit_code_is_0(platform: Platform, kubeconfig: Path) -> None:
    done = run(kubeconfig)
    assert (done.exit_code, done.stdout) == (0, f"uat: of {len(platform.plans['uat'])} objects 0 drifted, 0 missing\n")


def test_the_page_shows_what_the_command_prints_and_drift_is_exit_code_3(edited: Platform, kubeconfig: Path) -> None:
    done = run(kubeconfig)
    assert done.exit_code == 3
    assert done.stdout == next(block.text for block in PAGE.blocks if block.text.startswith("uat: of"))
    said = json.loads(run(kubeconfig, "--json").stdout)
    drifts = {f"{each['kind']}/{each['name']}": each for each in said["drifts"]}
    assert said["objects"] == len(edited.plans["uat"])
    assert set(drifts) == {"Deployment/study", "PodDisruptionBudget/exam"}
    assert drifts["PodDisruptionBudget/exam"]["missing"]
    image, variable = sorted(drifts["Deployment/study"]["fields"], key=lambda each: "env" in each["path"])
    assert image["owners"] == ["kubectl-set"]
    assert image["live"].endswith("study:hot-fix")
    assert "live" not in variable


def test_what_cannot_be_compared_is_exit_code_1_with_one_report(platform: Platform, tmp_path: Path) -> None:
    del platform  # other tests use it
    none = run(tmp_path / "none")
    assert none.exit_code == 1
    assert none.stdout == ""
    assert str(tmp_path / "none") in none.stderr
    unknown = CliRunner().invoke(app, ["drift", "uatt"])
    assert (unknown.exit_code, 'did you mean "uat"?' in unknown.stderr) == (1, True)
