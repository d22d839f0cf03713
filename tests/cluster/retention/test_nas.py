"""What the log retention does to directories like the guide's NAS: exactly what its page says (rows G27, G28)."""

from __future__ import annotations

import os
import time

import pytest

from tests.cluster.retention.guide_nas import fill
from tests.cluster.retention.image import SHELLS
from tests.cluster.retention.job import STACK, USER, Retention, live_pods
from tests.cluster.retention.report import assert_the_rest_is_as_it_was, expected, reported
from tests.cluster.retention.rules import Rules

each_shell = pytest.mark.parametrize("shell", SHELLS)


@pytest.fixture(scope="module")
def live(retention: Retention) -> str:
    """A pod that the Deployment of the service `file` has made."""
    pods = retention.api.objects("v1", "Pod", STACK, {"app.kubernetes.io/name": "file"})
    return str(pods[0]["metadata"]["name"])


@each_shell
def test_g28_exactly_what_the_rules_name_is_removed_and_reported(retention: Retention, live: str, shell: str) -> None:
    fate = fill(retention.nas, live)
    before = retention.nas.tree()
    rules = Rules(live_pods(retention.api), time.time())
    verdicts = rules.verdicts(before, dry_run=False)
    assert verdicts["file"].files == fate.files, "the rules as they are written once more agree with this tree"
    assert verdicts["file"].directories == fate.directories
    done = retention.run(shell)
    after = retention.nas.tree()
    assert set(before) - set(after) == {*fate.files, *fate.directories}
    assert_the_rest_is_as_it_was(before, after)
    assert done.returncode == 0, done.stderr
    assert reported(done) == expected(verdicts, "removed")
    assert done.stderr == left_alone("mark-is-a-directory/", "no-mark/")


@each_shell
def test_g27_a_dry_run_reports_the_same_and_removes_nothing(retention: Retention, live: str, shell: str) -> None:
    fate = fill(retention.nas, live)
    before = retention.nas.tree()
    verdicts = Rules(live_pods(retention.api), time.time()).verdicts(before, dry_run=True)
    done = retention.run(shell, dry_run=True)
    assert retention.nas.tree() == before
    assert done.returncode == 0, done.stderr
    assert verdicts["file"].files == fate.files
    assert verdicts["no-mark"].files == {"no-mark/logs/a.1.log": 1}, "what a mark would give free is shown"
    assert reported(done) == expected(verdicts, "would remove")


@each_shell
def test_g28_a_second_run_finds_nothing_and_directories_left_empty_wait_their_turn(
    retention: Retention, live: str, shell: str
) -> None:
    fill(retention.nas, live)
    assert retention.run(shell).returncode == 0
    before = retention.nas.tree()
    done = retention.run(shell)
    assert retention.nas.tree() == before
    assert "file: removed 0 files, 0 bytes;" in done.stdout
    assert "empty directory" not in done.stdout


@each_shell
def test_the_ages_count_to_the_minute(retention: Retention, shell: str) -> None:
    nas, minute = retention.nas, 1 / 24 / 60
    nas.clear()
    service = nas.marked("file")
    for name in ("a", "b"):
        nas.file(f"{service}/{name}.hprof", 1)  # the newest, so that the others go by their age alone
    young = [nas.file(f"{service}/logs/young.1.log", 14 - 3 * minute), nas.file(f"{service}/c.hprof", 30 - 3 * minute)]
    old = [nas.file(f"{service}/logs/old.1.log", 14 + minute), nas.file(f"{service}/d.hprof", 30 + minute)]
    assert retention.run(shell).returncode == 0
    tree = nas.tree()
    assert [path in tree for path in (*young, *old)] == [True, True, False, False]


@each_shell
def test_what_root_wrote_stays_and_is_said_and_the_rest_is_done(retention: Retention, shell: str) -> None:
    """The job runs as the services do, and what it may not remove it does not remove."""
    nas = retention.nas
    nas.clear()
    service = nas.marked("file")
    easy = nas.file(f"{service}/logs/a.1.log", 99)
    stuck = nas.file(f"{service}/logs/of-root/a.1.log", 99)
    unseen = nas.file(f"{service}/logs/closed/a.1.log", 99)
    for folder, mode in (("of-root", 0o755), ("closed", 0o700)):
        os.chown(nas.root / service / "logs" / folder, 0, 0)
        (nas.root / service / "logs" / folder).chmod(mode)
    done = retention.run(shell)
    assert done.returncode == 1
    assert [path in nas.tree() for path in (easy, stuck, unseen)] == [False, True, True]
    assert "failed: file: file/logs/of-root/a.1.log\n" in done.stderr
    assert "failed: file: logs\n" in done.stderr
    assert "file: removed 1 files, 1 bytes; kept 0 of live pods, 0 newest dumps; 2 failed\n" in done.stdout
    assert nas.tree()[easy.replace("a.1.log", "of-root")].owner == (0, 0) != (USER, USER)


@each_shell
def test_it_refuses_a_directory_that_is_not_the_marked_one(retention: Retention, live: str, shell: str) -> None:
    """The only mark is behind a link, so it is none: this may be another volume."""
    fill(retention.nas, live)
    for mark in ("file/.log-retention", "linked-inside/.log-retention"):
        (retention.nas.root / mark).unlink()
    before = retention.nas.tree()
    done = retention.run(shell)
    assert retention.nas.tree() == before
    assert (done.returncode, done.stdout) == (2, "")
    assert "refused: no directory has the mark: this may be the wrong volume" in done.stderr


@each_shell
@pytest.mark.parametrize("dry_run", [True, False])
def test_it_refuses_a_volume_without_services(retention: Retention, shell: str, *, dry_run: bool) -> None:
    retention.nas.clear()
    retention.nas.file("elsewhere.1.log", 99)
    done = retention.run(shell, dry_run=dry_run)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "refused: /data holds no directory of a service\n"
    assert set(retention.nas.tree()) == {"elsewhere.1.log"}


def left_alone(*services: str) -> str:
    """What is said of directories without the mark."""
    said = "left alone without the mark DATA_DIR/.log-retention, which a person sets with touch:"
    return f"{said} {' '.join(services)}\n"
