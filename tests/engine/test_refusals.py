"""What cannot work is said in one clear report before anything is registered; exit code 1, no stack trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.command import EngineCommand
from sandbox.place import Place
from tests.engine.conftest import NOTICE, Ackp, MakeSandbox
from tests.engine.stacks import Project
from tests.settings import REMOVED, ROOT

Start = Callable[..., Ackp]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.copy(tmp_path / "project", "uat", small=True)


def refused(command: Ackp) -> str:
    """The report of a command that must not do anything."""
    code, out, err = command.end()
    assert code == 1, err
    assert out.splitlines() == [NOTICE, NOTICE]
    assert "Traceback" not in err
    return err


def test_all_wrong_settings_are_reported_at_once_and_nothing_is_registered(
    ackp: Start, project: Project, place: Place
) -> None:
    project.edit({
        "services.gateway.replicas": -1,
        "cluster.vpc": "my-vpc",
        "nas.volume.capacity": "12Zi",
        "environment.nmae": "uat",
        "services.gatewya": {},
    })  # fmt: skip
    report = refused(ackp(project.root, "up", "--stack", "uat"))
    assert "Pulumi.uat.yaml: " in report.splitlines()[0]
    assert "nothing was created" in report.splitlines()[0]
    for words in ("services.gateway.replicas", "cluster.vpc", '"my-vpc"', '"12Zi"', "environment.nmae", "gatewya"):
        assert words in report
    assert report.count("    rule   ") >= 5
    assert not place.directory.exists()


def test_malformed_yaml_is_refused_with_its_line(ackp: Start, project: Project, place: Place) -> None:
    lines = len(project.file.read_text(encoding="utf-8").splitlines())
    with project.file.open("a", encoding="utf-8") as file:
        file.write("\tbroken: [\n")
    report = refused(ackp(project.root, "up", "--stack", "uat"))
    assert f"Pulumi.uat.yaml:{lines + 1}" in report
    assert "must be YAML" in report
    assert not place.directory.exists()


def test_an_unknown_stack_is_refused_with_the_nearest_name(ackp: Start, project: Project, place: Place) -> None:
    for command in ("up", "preview", "down"):
        assert 'did you mean "uat"?' in refused(ackp(project.root, command, "--stack", "uatt"))
    assert not place.directory.exists()


def test_a_plain_text_secret_is_refused_masked_with_the_command_that_sets_it(
    ackp: Start, project: Project, place: Place
) -> None:
    project.edit({"registryPassword": "canary-plain-Jk4"})
    report = refused(ackp(project.root, "up", "--stack", "uat"))
    assert "pulumi config set --stack uat --secret registryPassword" in report
    assert "canary" not in report
    assert not place.directory.exists()


@pytest.mark.parametrize("blocked", ["file", "child"])
def test_a_sandbox_folder_that_cannot_be_written_is_one_line(
    ackp: Start, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocked: str
) -> None:
    """Also as root, whom permissions do not stop: something that is no folder is in the way."""
    folder = tmp_path / "blocked"
    if blocked == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        (folder / "state").write_text("")
    monkeypatch.setenv("ACKP_SANDBOX", str(folder))
    report = refused(ackp(project.root, "up", "--stack", "uat"))
    assert len(report.splitlines()) == 1
    assert f"The sandbox folder {folder} cannot be written" in report
    assert "ACKP_SANDBOX" in report


def test_no_engine_to_be_had_names_every_way_and_why_it_is_closed(
    ackp: Start, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens on the discard port
    report = refused(ackp(project.root, "up", "--stack", "uat"))
    assert report.count("error:") == 1
    for way in ("pulumi on PATH: no program of this name", "official release:", "Go module:"):
        assert f"  - {way}" in report
    assert "https://www.pulumi.com/docs/install/" in report


def test_the_engine_itself_refuses_a_stack_file_without_a_declared_key(
    sandbox: MakeSandbox, project: Project, place: Place
) -> None:
    """With plain `pulumi` the engine's own check speaks first."""
    box = sandbox(root=project.root)
    box.preview()
    copy = Project(place.project, "uat")
    copy.edit({"nas": REMOVED})
    done = EngineCommand(box._found_engine(), place).run(["preview", "--stack", "uat"])
    assert done.code != 0
    assert "missing required configuration" in done.stderr or "missing configuration value" in done.stderr
    assert "nas" in done.stderr
    assert (ROOT / "Pulumi.yaml").read_bytes() == (place.project / "Pulumi.yaml").read_bytes()
