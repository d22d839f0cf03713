"""The steps of a pipeline, run as it runs them: the real engine and report, stand-ins for the servers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pipelines.comment import mark
from sandbox.place import Place
from sandbox.progress import Lines
from sandbox.run import Sandbox
from tests.answering import answering
from tests.pipelines.servers import TOKEN, HostServer, chat
from tests.pipelines.steps import step
from tests.settings import ROOT


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the engine says of a stack that was never up."""
    file = tmp_path_factory.mktemp("preview") / "preview.json"
    place = Place(tmp_path_factory.mktemp("sandbox"))
    file.write_text(Sandbox(ROOT, "uat", place=place, progress=Lines()).preview_json(), encoding="utf-8")
    return file


@pytest.fixture
def pulumi(tmp_path: Path, preview: Path) -> Mapping[str, str]:
    """A `pulumi` that says what the engine said; the engine of the tests has no language host of its own."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n[ "$*" = "preview --json --show-sames --non-interactive --stack uat" ] || exit 9\ncat {preview}\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(tmp_path)}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def test_the_report_is_written_in_three_forms_and_the_preview_itself_is_not_kept(
    pulumi: Mapping[str, str], out: Path
) -> None:
    done = step("report.sh", "uat", variables={"REPORTS": str(out), **pulumi})
    report = json.loads((out / "report-uat.json").read_text(encoding="utf-8"))
    line = (out / "report-uat.line").read_text(encoding="utf-8")
    assert line.startswith("uat: "), done.stderr
    assert line.strip() == report["headline"]
    assert "gateway" in (out / "report-uat.md").read_text(encoding="utf-8")
    assert done.returncode == report["exitCode"]
    assert sorted(each.name for each in out.parent.iterdir()) == ["bin", "reports"], "the preview holds settings"


def test_a_preview_that_failed_is_a_report_that_says_so(pulumi: Mapping[str, str], out: Path, preview: Path) -> None:
    torn = out.parent / "bin" / "pulumi"
    torn.write_text(f"#!/bin/sh\nhead -c 2000 {preview}\nexit 255\n", encoding="utf-8")
    done = step("report.sh", "uat", variables={"REPORTS": str(out), **pulumi})
    assert done.returncode == 1
    text = (out / "report-uat.md").read_text(encoding="utf-8")
    assert text.startswith("**uat: there is no report**")
    assert "cut short" in text
    assert (out / "report-uat.line").read_text(encoding="utf-8") == "uat: there is no report\n"


def test_an_old_report_is_never_taken_for_a_new_one(out: Path) -> None:
    out.mkdir()
    (out / "report-uat.md").write_text("uat: nothing\n", encoding="utf-8")
    step("report.sh", "uat", variables={"REPORTS": str(out), "PATH": "/usr/bin:/bin"})
    assert "nothing" not in (out / "report-uat.md").read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("arguments", [(), ("uat", "--fast")])
def test_wrong_usage_is_said(arguments: tuple[str, ...], out: Path) -> None:
    done = step("report.sh", *arguments, variables={"REPORTS": str(out)})
    assert done.returncode == 2
    assert "usage: pipelines/steps/report.sh STACK [--sandbox]" in done.stderr


@pytest.fixture
def host() -> Iterator[HostServer]:
    found = HostServer("github")
    with answering(found):
        yield found


def test_people_are_told_by_a_comment_and_a_line(host: HostServer, out: Path) -> None:
    out.mkdir()
    (out / "report-uat.md").write_text("### uat\n", encoding="utf-8")
    (out / "report-uat.line").write_text("uat: 2 services restart\n", encoding="utf-8")
    with chat({"errcode": 0}) as robot:
        told = {"ACKP_WEBHOOK_URL": robot.address, "ACKP_WEBHOOK_CHAT": "wecom"}
        done = step("tell.sh", "uat", variables={"REPORTS": str(out), **host.variables, **told})
    assert done.returncode == 0, done.stderr
    assert list(host.comments.values()) == [f"{mark('uat')}\n### uat\n"]
    assert robot.sent[0].body["text"]["content"] == "uat: 2 services restart"
    assert TOKEN not in done.stdout + done.stderr


def test_without_a_robot_there_is_only_the_comment(host: HostServer, out: Path) -> None:
    out.mkdir()
    (out / "report-uat.md").write_text("### uat\n", encoding="utf-8")
    done = step("tell.sh", "uat", variables={"REPORTS": str(out), **host.variables})
    assert done.returncode == 0, done.stderr
    assert host.writes == 1


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_f5_a_pull_request_is_compared_with_its_base_and_gets_a_comment_that_says_what_restarts(
    tmp_path: Path, host: HostServer
) -> None:
    clone = tmp_path / "clone"
    tracked = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in tracked:
        if not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    git(clone, "init", "--quiet")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "base")
    base = git(clone, "rev-parse", "HEAD")
    file = clone / "Pulumi.uat.yaml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("limits: { memory: 4Gi }", "limits: { memory: 5Gi }", 1)
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    done = step("report.sh", "uat", "--sandbox", cwd=clone, root=clone, variables={"BASE": base})
    assert done.returncode == 0, done.stderr
    report = json.loads((clone / "reports" / "report-uat.json").read_text(encoding="utf-8"))
    assert report["exitCode"] == 0
    assert report["headline"].startswith("uat: 1 service restarts"), report["headline"]
    assert git(clone, "status", "--short") == "M Pulumi.uat.yaml"
    told = step("tell.sh", "uat", cwd=clone, root=clone, variables=host.variables)
    assert told.returncode == 0, told.stderr
    (comment,) = host.comments.values()
    assert "exam" in comment
    assert "rolling restart" in comment
