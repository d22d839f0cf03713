"""The files of pipelines: linters find nothing, the Jenkinsfile is Groovy, and what must not meet does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.engine import VERSION
from sandbox.go_tools import programs
from sandbox.progress import Lines
from tests.image.jvms import JVMS, java_home
from tests.pipelines.tools import ACTIONLINT, groovy
from tests.settings import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
STEPS = sorted((ROOT / "pipelines" / "steps").glob("*.sh"))
JENKINSFILE = ROOT / "pipelines" / "Jenkinsfile"
JENKINSFILES = sorted((ROOT / "pipelines").rglob("Jenkinsfile"))
BIN = Path(sys.executable).parent
STEP_CALL = re.compile(r"(?:platform/)?pipelines/steps/([a-z]+\.sh)(?: |$)")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def actionlint(*workflows: Path) -> subprocess.CompletedProcess[str]:
    program = programs(ACTIONLINT, Lines()) / "actionlint"
    return run(program, "-no-color", "-shellcheck", BIN / "shellcheck", *workflows)


def zizmor(*workflows: Path) -> subprocess.CompletedProcess[str]:
    return run(BIN / "zizmor", "--offline", "--no-progress", "--color=never", *workflows)


def test_actionlint_finds_nothing_in_the_workflows() -> None:
    done = actionlint(*WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    done = zizmor(*WORKFLOWS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linters_find_a_script_that_a_title_is_put_into(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    text = WORKFLOWS[0].read_text(encoding="utf-8").partition("\njobs:")[0]
    step = "- run: echo ${{ github.event.pull_request.title }} $unquoted"
    bad.write_text(f"{text}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      {step}\n", encoding="utf-8")
    done = actionlint(bad)
    assert done.returncode == 1
    assert "potentially untrusted" in done.stdout
    assert "SC2086" in done.stdout
    done = zizmor(bad)
    assert "template-injection" in done.stdout + done.stderr


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_shellcheck_finds_nothing_in_a_step_and_it_may_be_run(step: Path) -> None:
    done = run(BIN / "shellcheck", step)
    assert done.returncode == 0, done.stdout
    assert step.stat().st_mode & 0o111


def compiled(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    java = java_home(JVMS[-1], Lines()) / "bin" / "java"
    compiler = "org.codehaus.groovy.tools.FileSystemCompiler"
    return run(java, "-cp", groovy(Lines()), compiler, "-d", folder, file)


@pytest.mark.parametrize("file", JENKINSFILES, ids=lambda file: file.parent.name)
def test_a_jenkinsfile_is_groovy_and_a_torn_one_is_not(file: Path, tmp_path: Path) -> None:
    done = compiled(file, tmp_path / "classes")
    assert done.returncode == 0, done.stdout + done.stderr
    torn = tmp_path / "Jenkinsfile"
    torn.write_text(file.read_text(encoding="utf-8").replace("agent none", "agent {", 1), encoding="utf-8")
    assert compiled(torn, tmp_path / "torn").returncode != 0


@pytest.mark.parametrize("file", JENKINSFILES, ids=lambda file: file.parent.name)
def test_a_jenkinsfile_runs_steps_that_are_there_and_no_other_command(file: Path) -> None:
    """A step that is not a file would fail in the middle of a deployment; a command that is none was never tested."""
    commands = re.findall(r"\bsh '(.*)'", file.read_text(encoding="utf-8"))
    assert commands
    for command in commands:
        run = command.removeprefix('set -a && . "$VARIABLES" && set +a && ')
        called = STEP_CALL.match(run)
        assert called, command
        assert (ROOT / "pipelines" / "steps" / called[1]).is_file(), command


def stages(text: str) -> dict[str, str]:
    """The text of each stage of a pipeline, by its name."""
    names = re.findall(r"stage\('(.*)'\)", text)
    return dict(zip(names, re.split(r"stage\('.*'\)", text)[1:], strict=True))


def test_one_job_at_a_time_brings_a_stack_up_under_its_lock_and_uat_after_an_approval() -> None:
    text = (ROOT / "pipelines" / "deploy" / "Jenkinsfile").read_text(encoding="utf-8")
    found = stages(text)
    assert list(found) == ["test", "promotion to uat", "report of uat", "approval of uat", "uat"]
    assert "disableConcurrentBuilds()" in text
    for name, stage in found.items():
        if "up.sh" in stage:
            assert f"lock(resource: 'stack-{name}')" in stage
            assert f"credentialsId: 'pulumi-deploy-{name}'" in stage
            assert stage.index("up.sh") < stage.index("smoke.sh")
    assert "input {" in found["approval of uat"]
    assert "agent {" not in found["approval of uat"], "nobody works while people think"


def test_g23_a_build_goes_from_verifying_over_the_image_of_each_environment_to_a_pull_request() -> None:
    text = (ROOT / "pipelines" / "build" / "Jenkinsfile").read_text(encoding="utf-8")
    found = stages(text)
    assert list(found) == ["build", "checkout", "verify", "image", "pull request"]
    assert "verify.sh" in found["verify"]
    for file in ROOT.glob("Pulumi.*.yaml"):
        assert f'image.sh "$SERVICE" {file.name.split(".")[1]} ' in found["image"]
    assert "propose.sh test set-image" in found["pull request"]


@pytest.mark.parametrize("file", JENKINSFILES, ids=lambda file: file.parent.name)
def test_a_login_that_a_jenkinsfile_makes_goes_with_its_stage(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    logins = len(re.findall(r'DOCKER_CONFIG = "\$\{WORKSPACE_TMP\}/docker"', text))
    assert logins == len(re.findall(r'dir\("\$\{WORKSPACE_TMP\}/docker"\) \{.*\n\s*deleteDir\(\)', text))
    assert bool(logins) == ("login.sh" in text or "image.sh" in text)


def preview() -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / "preview.yml").read_text(encoding="utf-8"))


def test_a_fork_meets_no_secret() -> None:
    content = preview()
    assert list(content[True]) == ["pull_request"]
    jobs = content["jobs"]
    for name, job in jobs.items():
        if ("secrets." in str(job) and name != "comment") or "id-token" in job["permissions"]:
            assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    assert "needs.report.result != 'skipped'" in jobs["comment"]["if"], "it would run for a fork"
    assert "secrets." not in str(jobs["sandbox"])
    assert jobs["sandbox"]["permissions"] == {"contents": "read"}


def test_the_job_that_may_write_never_has_the_branchs_code() -> None:
    jobs = preview()["jobs"]
    may = {name: {right for right, how in job["permissions"].items() if how == "write"} for name, job in jobs.items()}
    assert may == {"report": {"id-token"}, "comment": {"pull-requests"}, "sandbox": set()}
    checkouts = [step for step in jobs["comment"]["steps"] if "actions/checkout@" in step.get("uses", "")]
    assert [step["with"]["ref"] for step in checkouts] == ["${{ github.event.pull_request.base.sha }}"]
    assert "ALIBABA" not in str(jobs["comment"])


def test_every_job_runs_for_every_shipped_stack_with_the_pinned_engine() -> None:
    stacks = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
    for job in preview()["jobs"].values():
        assert job["strategy"]["matrix"]["stack"] == stacks
    engine = next(step for step in preview()["jobs"]["report"]["steps"] if "pulumi/actions@" in step.get("uses", ""))
    assert engine["with"] == {"pulumi-version": VERSION}
    text = JENKINSFILE.read_text(encoding="utf-8")
    assert f"values {', '.join(map(repr, stacks))}" in text
    assert f"in {stacks}" in text


def workflow(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))


def steps_of(job: Any) -> list[str]:
    """The scripts that a job of GitHub runs, in its order."""
    return [
        found for step in job["steps"] for found in re.findall(r"pipelines/steps/([a-z]+)\.sh", step.get("run", ""))
    ]


def test_g23_github_deploys_in_the_stages_of_jenkins_each_stack_under_its_lock_and_uat_after_an_approval() -> None:
    jobs = workflow("deploy")["jobs"]
    jenkins = stages((ROOT / "pipelines" / "deploy" / "Jenkinsfile").read_text(encoding="utf-8"))
    names = {"promotion to uat": "promotion", "report of uat": "report"}
    for stage, text in jenkins.items():
        if stage == "approval of uat":
            continue  # the reviewers of the environment
        scripts = re.findall(r"pipelines/steps/([a-z]+)\.sh", text)
        assert steps_of(jobs[names.get(stage, stage)]) == [each for each in scripts if each != "login"], stage
    assert jobs["promotion"]["needs"] == jobs["report"]["needs"] == "test"
    assert jobs["uat"]["needs"] == "report"
    for stack in ("test", "uat"):
        assert jobs[stack]["environment"] == f"deploy-{stack}"
        assert jobs[stack]["concurrency"] == {"group": f"stack-{stack}", "cancel-in-progress": False}
    engines = [step["with"] for job in jobs.values() for step in job["steps"] if "pulumi/" in step.get("uses", "")]
    assert engines == [{"pulumi-version": VERSION}] * 3


def test_g23_github_builds_in_the_stages_of_jenkins() -> None:
    jenkins = (ROOT / "pipelines" / "build" / "Jenkinsfile").read_text(encoding="utf-8")
    scripts = re.findall(r"platform/pipelines/steps/([a-z]+)\.sh", jenkins)
    assert steps_of(workflow("build")["jobs"]["build"]) == scripts == ["verify", "image", "image", "propose"]


CREDENTIALS = "aliyun/configure-aliyun-credentials-action"


@pytest.mark.parametrize("name", ["build", "deploy", "preview"])
def test_no_key_of_the_cloud_is_stored_on_github(name: str) -> None:
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"secrets\.([\w-]+)", text)) <= {
        "PULUMI_CONFIG_PASSPHRASE",
        "platform-token",
        "PLATFORM_TOKEN",
        "ACKP_WEBHOOK_URL",
        "ACKP_WEBHOOK_SECRET",
    }
    for which, job in workflow(name)["jobs"].items():
        uses = [step.get("uses", "").partition("@")[0] for step in job["steps"]]
        asks_the_cloud = (name, which) not in {("preview", "comment"), ("preview", "sandbox")}
        assert (CREDENTIALS in uses) == asks_the_cloud
        assert (job["permissions"].get("id-token") == "write") == asks_the_cloud


def test_a_preview_and_a_deployment_get_their_credentials_in_the_same_way() -> None:
    jobs = [workflow("preview")["jobs"]["report"], *workflow("deploy")["jobs"].values()]
    steps = [step for job in jobs for step in job["steps"] if step.get("uses", "").startswith(CREDENTIALS)]
    assert len(steps) == len(jobs)
    assert all(step == steps[0] for step in steps)
