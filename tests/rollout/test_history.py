"""The images that a service had, by the real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rollout.history import before, named, pasts, present, restored
from rollout.revisions import History
from rollout.wanted import RolloutError, Wanted
from tests.rollout.repositories import FIRST, SECOND, THIRD, A, Repository, repository
from tests.rollout.stacks import B, stack


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """Three images of `study`, with other changes between."""
    found = repository(tmp_path)
    found.commit("Study 1.9.3", 9)
    path = tmp_path / "Pulumi.uat.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("uat-1.2.1", "uat-1.2.2"), encoding="utf-8")
    found.commit("File 1.2.2", 10)
    found.study(f'{{ tag: {SECOND}, digest: "{A}" }}', "Study 1.9.4", 12)
    (tmp_path / "notes").write_text("", encoding="utf-8")
    found.commit("Notes", 13)
    found.study(f"{{ tag: {THIRD} }}", "Study 2.0.0", 14)
    return found


def history(repo: Repository, file: str = "Pulumi.uat.yaml") -> History:
    return History.of(repo.folder / file)


def tags(repo: Repository, file: str = "Pulumi.uat.yaml") -> list[tuple[str | None, str]]:
    """Tag and message of each image that `study` had."""
    return [(each.image.tag, each.revision.subject) for each in pasts(history(repo, file), "study")]


SERIES = [(THIRD, "Study 2.0.0"), (SECOND, "Study 1.9.4"), (FIRST, "Study 1.9.3")]


def test_each_image_stands_with_the_commit_that_brought_it_the_newest_first(repo: Repository) -> None:
    assert tags(repo) == SERIES
    first = list(pasts(history(repo), "study"))[-1]
    assert first.revision.date == "2026-11-09T10:02:00+08:00"
    assert first.revision.commit == repo.git("rev-parse", "HEAD~4")
    assert first.repository == "registry-vpc.cn-hangzhou.aliyuncs.com/example/study"


def test_what_a_branch_tried_before_it_was_merged_was_never_on_this_one(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "branch")
    repo.study("{ tag: uat-2.1.0-aaaaaaa-20261115T090000 }", "Try", 15)
    repo.study("{ tag: uat-2.2.0-aaaaaaa-20261115T100000 }", "Try again", 16)
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "branch", "-m", "Merge 12", day=17)
    assert tags(repo) == [("uat-2.2.0-aaaaaaa-20261115T100000", "Merge 12"), *SERIES]


def test_a_renamed_file_keeps_its_history_and_a_copy_does_not_get_the_others(repo: Repository) -> None:
    repo.git("mv", "Pulumi.uat.yaml", "Pulumi.prod.yaml")
    repo.commit("Renamed", 20)
    assert tags(repo, "Pulumi.prod.yaml") == SERIES
    text = (repo.folder / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    (repo.folder / "Pulumi.next.yaml").write_text(text, encoding="utf-8")
    repo.commit("Copied", 21)
    assert tags(repo, "Pulumi.next.yaml") == [(THIRD, "Copied")]


def test_a_file_below_the_repositorys_folder_has_its_history_too(tmp_path: Path) -> None:
    found = repository(tmp_path)
    (tmp_path / "platform").mkdir()
    found.commit("Begun", 1)
    found.git("mv", "Pulumi.uat.yaml", "platform/Pulumi.uat.yaml")
    found.commit("Moved", 2)
    assert tags(found, "platform/Pulumi.uat.yaml") == [(FIRST, "Begun")]


def test_a_commit_whose_file_is_broken_or_gone_is_passed_over(repo: Repository) -> None:
    path = repo.folder / "Pulumi.uat.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text("config: [", encoding="utf-8")
    repo.commit("Broken", 15)
    path.unlink()
    repo.commit("Gone", 16)
    path.write_text(text, encoding="utf-8")
    repo.commit("Mended", 17)
    assert tags(repo) == SERIES


def test_the_image_before_is_the_last_one_that_is_another(repo: Repository) -> None:
    now = present(stack("uat", f"    study: {{ image: {{ tag: {THIRD} }} }}\n"), "study")
    found, past = list(pasts(history(repo), "study")), history(repo)
    assert before(found, now, past, "study").image.tag == SECOND
    not_committed = present(stack("uat", '    study: { image: { tag: "9.9" } }\n'), "study")
    assert before(found, not_committed, past, "study").image.tag == THIRD


@pytest.mark.parametrize(
    ("to", "tag"),
    [
        (A, SECOND),
        (A[:20], SECOND),
        ("ffffffff", THIRD),
        ("fffffff", THIRD),
        ("ffffffffffffffff", THIRD),
        ("HEAD~1", SECOND),
        ("HEAD~3", FIRST),
        ("before-it-broke", SECOND),
    ],
)
def test_an_image_is_named_by_digest_by_the_commit_in_its_tag_or_by_one_of_git(
    repo: Repository, to: str, tag: str
) -> None:
    repo.git("tag", "before-it-broke", "HEAD~2")
    found = list(pasts(history(repo), "study"))
    assert named(found, to, history(repo), "study").image.tag == tag
    full = repo.git("rev-parse", "HEAD~2")
    assert named(found, full[:10], history(repo), "study").revision.commit == full


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("a1b2c3d4", f"several images of study: {SECOND}@{A}, {FIRST}; name one by its digest"),
        ("HEAD~99", "neither an image that it had nor a commit that git has"),
        (B, "neither an image that it had nor a commit"),
        ("--all", "neither an image that it had nor a commit"),
        ("before-all", "that commit has no image of it"),
    ],
)
def test_what_names_no_image_or_several_is_refused(repo: Repository, to: str, said: str) -> None:
    path = repo.folder / "Pulumi.uat.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("    study: {", "    # study: {"), encoding="utf-8")
    repo.commit("Without study", 20)
    repo.git("tag", "before-all")
    with pytest.raises(RolloutError, match=said):
        named(list(pasts(history(repo), "study")), to, history(repo), "study")


def test_what_looks_like_an_option_of_git_is_none(repo: Repository) -> None:
    with pytest.raises(RolloutError, match="names no image of study"):
        named([], f"--output={repo.folder}/made", history(repo), "study")
    assert not list(repo.folder.glob("made*"))


def test_a_moving_tag_does_not_say_which_image_it_was(repo: Repository) -> None:
    repo.study('{ tag: uat-latest, rollout: "1" }', "Latest", 15)
    past = next(pasts(history(repo), "study"))
    now = present(stack("uat"), "study")
    with pytest.raises(RolloutError, match=rf"had uat-latest in {past.revision.commit[:8]}: a moving tag, and nobody"):
        restored(past, now, "study")


def test_an_image_of_another_repository_does_not_go_back_and_the_registrys_other_address_is_none(
    repo: Repository,
) -> None:
    now = present(stack("uat"), "study")
    repo.study(f'{{ repository: registry.cn-hangzhou.aliyuncs.com/example/study, digest: "{A}" }}', "Public", 15)
    assert restored(next(pasts(history(repo), "study")), now, "study") == Wanted(None, A)
    repo.study(f'{{ repository: other.example.com/study, digest: "{B}" }}', "Elsewhere", 16)
    with pytest.raises(RolloutError, match=r"came from other.example.com/study in .*, and comes from registry-vpc"):
        restored(next(pasts(history(repo), "study")), now, "study")


def test_a_shallow_clone_is_said_where_it_does_not_reach_far_enough(repo: Repository, tmp_path: Path) -> None:
    clone = Repository(tmp_path / "clone")
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{repo.folder}", clone.folder], check=True)
    assert tags(clone) == [(THIRD, "Study 2.0.0")]
    now = present(stack("uat", f"    study: {{ image: {{ tag: {THIRD} }} }}\n"), "study")
    found = list(pasts(history(clone), "study"))
    said = "This clone is shallow and knows the file since 2026-11-14 only: `git fetch --unshallow`"
    with pytest.raises(RolloutError, match=said):
        before(found, now, history(clone), "study")
    with pytest.raises(RolloutError, match=said):
        named(found, "a1b2c3d4", history(clone), "study")


def test_without_a_repository_without_a_commit_and_without_git_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "Pulumi.uat.yaml"
    file.write_text("", encoding="utf-8")
    with pytest.raises(RolloutError, match=r"Pulumi.uat.yaml is in no git repository"):
        History.of(file)
    found = repository(tmp_path)
    with pytest.raises(RolloutError, match="git says: your current branch 'main' does not have any commits yet"):
        History.of(file)
    found.git("commit", "-q", "--allow-empty", "-m", "Begun")
    with pytest.raises(RolloutError, match=r"git has no commit of Pulumi.uat.yaml; commit it first"):
        History.of(file)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RolloutError, match="git is not installed"):
        History.of(file)
