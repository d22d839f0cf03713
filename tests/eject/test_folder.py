"""The folder: what is there is never written over, unless an earlier run for the same stack wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eject.deployment import Deployment, read
from eject.folder import check, write
from sandbox.problem import SandboxError
from tests.eject.state import exported
from tests.program.stacks import record

TEXT = exported(record("uat"))


@pytest.fixture
def found() -> Deployment:
    return read("uat", TEXT)


def contents(folder: Path) -> dict[str, str]:
    files = [each for each in folder.rglob("*") if each.is_file()]
    return {each.relative_to(folder).as_posix(): each.read_text(encoding="utf-8") for each in files}


def test_the_same_state_gives_the_same_bytes(tmp_path: Path, found: Deployment) -> None:
    for name in ("one", "other"):
        write(tmp_path / name, found, backup=TEXT)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_the_backup_is_for_the_user_only_and_kept_out_of_git(tmp_path: Path, found: Deployment) -> None:
    write(tmp_path, found, backup=TEXT)
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state.json").read_text(encoding="utf-8") == TEXT
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "/state.json\n"


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, found: Deployment) -> None:
    check(tmp_path, "uat", TEXT)
    check(tmp_path / "none", "uat", TEXT)
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    with pytest.raises(SandboxError, match=r"not empty, and not the stack uat ejected\. Name another one with --out"):
        check(tmp_path, "uat", TEXT)
    write(tmp_path, found, backup=None)
    check(tmp_path, "uat", TEXT)
    with pytest.raises(SandboxError, match="not the stack test ejected"):
        check(tmp_path, "test", TEXT)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SandboxError, match="file cannot be used: Not a directory"):
        check(tmp_path / "file", "uat", TEXT)


def test_the_backup_of_another_state_is_never_written_over(tmp_path: Path, found: Deployment) -> None:
    write(tmp_path, found, backup=TEXT)
    check(tmp_path, "uat", TEXT)
    with pytest.raises(SandboxError, match=r"state.json is the backup of another state of uat"):
        check(tmp_path, "uat", TEXT.replace("gateway", "gatevay"))


def test_a_run_that_was_cut_off_is_repeated_and_leaves_no_stale_file(tmp_path: Path, found: Deployment) -> None:
    write(tmp_path / "whole", found, backup=TEXT)
    folder = tmp_path / "folder"
    for name in (
        "README.md",
        ".gitignore",
        "objects/99-deployment-uat-gone.yaml",
        "objects/01-namespace-uat.yaml.partial",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text((tmp_path / "whole" / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    check(folder, "uat", TEXT)
    write(folder, found, backup=TEXT)
    assert contents(folder) == contents(tmp_path / "whole")


def test_a_folder_that_cannot_be_written_is_one_clear_report(tmp_path: Path, found: Deployment) -> None:
    (tmp_path / "objects").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(SandboxError, match="cannot be written"):
        write(tmp_path, found, backup=None)
