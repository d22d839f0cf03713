"""The picture of what is created, and the workflows of the repository."""

import re
import tomllib
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from config.files import read_yaml
from sandbox.engine import OLDEST, VERSION
from tests.settings import ROOT

SVG = ROOT / "docs" / "platform.svg"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def workflow(name: str) -> Any:
    """A workflow; YAML 1.1 reads its key ``on`` as true."""
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def test_the_picture_is_complete_in_itself_and_knows_light_and_dark() -> None:
    text = SVG.read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!www\.w3\.org)|@import|@font-face|<image|<script|url\((?!#)", text)
    assert "prefers-color-scheme: dark" in text
    root = ET.fromstring(text)  # noqa: S314 - our own file
    namespace = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{namespace}title") is not None
    assert root.find(f"{namespace}desc") is not None


def test_the_picture_shows_every_service_of_the_catalogue() -> None:
    root = ET.fromstring(SVG.read_text(encoding="utf-8"))  # noqa: S314 - our own file
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert words >= set(read_yaml(ROOT / "config" / "services.yaml").values)


@every_workflow
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(path: Any) -> None:
    uses = re.findall(r"(?m)^[^#]*uses: (.+)", path.read_text(encoding="utf-8"))
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@every_workflow
def test_a_job_gets_only_the_permissions_that_it_names(path: Any) -> None:
    content = workflow(path.name)
    assert content["permissions"] == {}
    for name, job in content["jobs"].items():
        assert set(job["permissions"]) <= {"contents", "pull-requests", "id-token"}
        assert job["permissions"]["contents"] == ("write" if name == "promotion" else "read"), "it pushes branches"


def test_the_check_runs_the_projects_own_script_on_every_python_and_on_mac() -> None:
    job = workflow("check.yml")["jobs"]["run"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    matrix = job["strategy"]["matrix"]
    assert project["requires-python"] == f">={matrix['python'][0]}"
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert any(each["os"].startswith("macos") for each in matrix["include"])
    assert all(".ci/run" in step["run"] for step in job["steps"] if "run" in step)
    assert (ROOT / ".ci" / "run").exists()


def test_the_real_plug_ins_are_met_without_credentials_with_the_pinned_engine_and_plug_ins() -> None:
    content = workflow("plugins.yml")
    job = content["jobs"]["run"]
    assert "secrets" not in (ROOT / ".github" / "workflows" / "plugins.yml").read_text(encoding="utf-8")
    engine = next(step for step in job["steps"] if "pulumi/actions@" in step.get("uses", ""))
    assert engine["with"] == {"pulumi-version": VERSION}
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[-3:] == ["uv sync --locked", "pulumi install", "make test-plugins"]


def test_the_readme_asks_for_the_oldest_engine_that_is_taken() -> None:
    assert f"{OLDEST[0]}.{OLDEST[1]} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")
