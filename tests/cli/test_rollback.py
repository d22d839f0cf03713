"""`ackp rollback` as a person runs it, with the real git and a real registry."""

from __future__ import annotations

import json
import re
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.rollback
from cli.app import app
from config import SettingsError, load_stack
from tests.docs.documents import Page
from tests.pod_logs.running import running
from tests.registry.conftest import Pushed, pushed
from tests.registry.registries import PASSWORD, docker_config
from tests.rollout.repositories import FIRST, SECOND, THIRD, A, Repository, repository, write_study
from tests.settings import ROOT

__all__ = ["pushed"]

PAGE = Page(ROOT / "docs" / "how-to" / "roll-back-or-restart.md")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The shipped stacks in a repository; `study` of uat had two images."""
    found = repository(tmp_path)
    found.commit("The stacks", 9)
    found.study(f'{{ tag: {SECOND}, digest: "{A}" }}', "Study 1.9.4 to uat", 12)
    monkeypatch.setattr(cli.rollback, "ROOT", tmp_path)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".git"))
    return found


@pytest.fixture
def registry(repo: Repository, pushed: Pushed) -> str:
    """The registry's address."""
    docker_config(repo.folder / ".git", pushed.registry.address)
    return pushed.registry.address


def run(*arguments: str, service: str = "study") -> Result:
    return CliRunner().invoke(app, ["rollback", service, "--stack", "uat", *arguments])


def image_of(repo: Repository) -> tuple[str | None, str | None]:
    image = load_stack("uat", repo.folder, secrets="generated").services["study"].image
    return image.tag, image.digest


def with_commits_of_the_page(text: str, shown: str) -> str:
    """An output with the page's commits instead of its own, each in its place."""
    commits = re.findall(r" ([0-9a-f]{8})  ", shown)
    return re.sub(r" ([0-9a-f]{8})  ", lambda _: f" {commits.pop(0)}  ", text)


def test_the_image_before_goes_back_into_the_file_and_the_page_shows_list_and_diff(
    repo: Repository, registry: str
) -> None:
    committed = (repo.folder / "Pulumi.uat.yaml").read_text(encoding="utf-8")
    done = run("--registry", registry)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    assert image_of(repo) == (FIRST, None)
    shown = next(block.text for block in PAGE.blocks if "→" in block.text)
    lines = "".join(f"{line.rstrip()}\n" for line in done.output.splitlines())
    assert with_commits_of_the_page(lines, shown) == shown
    assert repo.git("rev-parse", "--short=8", "HEAD") in done.output
    assert repo.git("diff", "--stat").splitlines()[-1].strip() == "1 file changed, 1 insertion(+), 1 deletion(-)"
    again = run("--registry", registry)  # not committed yet, so the one before is the one that was rolled back
    assert "no longer has" in again.stderr
    assert PASSWORD not in done.output
    write_study(repo.folder, f'{{ tag: {SECOND}, digest: "{A}" }}')
    assert (repo.folder / "Pulumi.uat.yaml").read_text(encoding="utf-8") == committed


def test_an_image_is_named_and_what_is_there_already_is_said(repo: Repository, registry: str) -> None:
    assert run("--to", "HEAD~1", "--registry", registry).exit_code == 0
    assert image_of(repo) == (FIRST, None)
    same = run("--to", "HEAD~1")
    assert (same.exit_code, same.output) == (0, "study has this image in Pulumi.uat.yaml already\n")


def test_an_image_that_the_registry_no_longer_has_is_refused_and_nothing_is_written(
    repo: Repository, registry: str
) -> None:
    repo.study(f"{{ tag: {THIRD} }}", "Study 2.0.0", 13)
    refused = run("--registry", registry)
    assert refused.exit_code == 1
    assert f"no longer has {A}: a node that does not hold it cannot pull it" in refused.stderr
    assert image_of(repo) == (THIRD, None)


def test_a_registry_that_cannot_be_asked_is_said_and_the_image_goes_back(repo: Repository) -> None:
    done = run("--registry", "127.0.0.1:1")
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: not asked whether the registry still has the image: 127.0.0.1:1 cannot be")
    assert done.stderr.count("\n") == 1
    assert image_of(repo) == (FIRST, None)


@pytest.mark.parametrize("refused", [f"{{ tag: {THIRD.replace('uat', 'test', 1)} }}", "{ tag: 'no tag' }"])
@pytest.mark.parametrize("committed", [True, False])
def test_an_image_that_check_refuses_goes_back_to_the_one_before(
    repo: Repository, refused: str, *, committed: bool
) -> None:
    if committed:
        repo.study(refused, "Study of the wrong environment", 13)
    else:
        write_study(repo.folder, refused)
    with pytest.raises(SettingsError):
        image_of(repo)
    done = run("--registry", "127.0.0.1:1")
    assert done.exit_code == 0, done.output
    assert image_of(repo) == (SECOND, A)


def test_json_has_the_whole_history_and_a_dry_run_writes_nothing(repo: Repository, registry: str) -> None:
    for number in range(12):
        repo.study(f"{{ tag: uat-1.{number}.0-ffffffff-20261113T0900{number:02} }}", f"Study 1.{number}.0", 13)
    dry = run("--to", A, "--dry-run", "--registry", registry, "--json")
    assert dry.exit_code == 1  # the digest was never pushed
    listed = run("--dry-run", "--registry", "127.0.0.1:1")
    assert "and 4 before; --json has them all\n" in listed.output
    assert listed.output.endswith("Pulumi.uat.yaml: not written\n")
    said = json.loads(run("--dry-run", "--registry", "127.0.0.1:1", "--json").stdout)
    assert [each["message"] for each in said["history"]][:2] == ["Study 1.11.0", "Study 1.10.0"]
    assert (len(said["history"]), said["written"]) == (14, False)
    assert said["image"] == {"tag": "uat-1.10.0-ffffffff-20261113T090010", "digest": None}
    assert said["since"]["commit"] == repo.git("rev-parse", "HEAD~1")
    assert repo.git("status", "--porcelain") == ""


def test_bad_input_is_one_line_and_nothing_is_written(repo: Repository) -> None:
    unknown = run(service="studi")
    assert (unknown.exit_code, 'did you mean "study"?' in unknown.stderr) == (1, True)
    nowhere = run("--to", "0000000")
    assert (nowhere.exit_code, nowhere.stderr.count("\n")) == (1, 1)
    only = run(service="exam")
    assert only.stderr == "error: exam had no other image in the history of Pulumi.uat.yaml. Nothing was written\n"
    assert repo.git("status", "--porcelain") == ""


SLOW_DISK = """
import os, time
def fsync(descriptor):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = fsync
"""


@pytest.mark.parametrize("when", ["while the registry hangs", "while the file is written"])
def test_ctrl_c_leaves_the_stack_file_as_it_was_and_no_other_file(repo: Repository, tmp_path: Path, when: str) -> None:
    path = repo.folder / "Pulumi.uat.yaml"
    before, there = path.read_bytes(), sorted(repo.folder.iterdir())
    here = f"import pathlib, cli.rollback; cli.rollback.ROOT = pathlib.Path({str(repo.folder)!r})\n"
    said = tmp_path.with_name(f"{tmp_path.name}-said")
    said.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as taken:
        server.settimeout(60)
        hangs = when == "while the registry hangs"
        host = f"127.0.0.1:{server.getsockname()[1] if hangs else 1}"
        line = ("rollback", "study", "--stack", "uat", "--registry", host)
        with running(said, *line, first=here if hangs else here + SLOW_DISK) as ackp:
            if hangs:
                taken.enter_context(server.accept()[0])
            else:
                ackp.until("writing")
            assert path.read_bytes() == before
            assert ackp.interrupt() == 130
        assert ackp.err[-1] == "Interrupted; nothing is left half done. Run it again to go on."
        assert "Traceback" not in "\n".join(ackp.err)
    assert (path.read_bytes(), sorted(repo.folder.iterdir())) == (before, there)
    assert run("--registry", "127.0.0.1:1").exit_code == 0
    assert image_of(repo) == (FIRST, None)
