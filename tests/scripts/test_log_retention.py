"""The log retention script under real shells, with real find, real curl and real files (rows G27, G28)."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scripts.volume import DAY, GONE, LIVE, SCRIPT, Volume, age


def test_shellcheck_finds_nothing() -> None:
    checker = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([str(checker), "--shell=sh", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    "path",
    [
        "logs/error/error.2026-01-01.log",
        "logs/info/2026/01/info.log.gz",
        "logs/warn/warn.zip",
        f"logs/{GONE}.log",
        f"logs/{GONE}/spring.log",
        "logs/spring.log.2026-01-01",
        "logs/spring.log-20260101",
        f"gc-{GONE}-2026-01-01.log",
        f"gc-{GONE}-2026-01-01.log.0",
        f"gc/{GONE}/gc.log",
    ],
)
def test_g28_an_old_log_of_a_pod_that_is_gone_is_removed(volume: Volume, path: str) -> None:
    old = volume.file(path, days=14.1, content="12345")
    done = volume.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert not old.exists()
    assert f"removed 5 bytes: file/{path}\n" in done.stdout
    assert done.stdout.endswith("file: removed 1 files, 5 bytes; kept 0 of live pods, 0 newest dumps; 0 failed\n")


@pytest.mark.parametrize(
    "path",
    [
        "application.yml",
        "application-uat.yml",
        "bootstrap.yml",
        "logback-spring.xml",
        "logs/application.log",
        "logs/bootstrap.log.gz",
        "logs/logback.log",
        "logs/tmp/upload.log",
        "tmp/old.log",
        "tmp/dump.hprof",
        "dumps/tmp/dump.hprof",
        "dumps/application.hprof",
        "upload.bin",
        "uploads/report.log",
        "uploads/report.hprof",
        "uploads/gc-report.log",
        "server.log",
        "logs/report.pdf",
        "logs/data",
        "gc/readme.txt",
        "certificate.pem",
        "logs/.nfs00000001",
    ],
)
def test_g28_what_no_pattern_names_and_what_is_configuration_stays_however_old(volume: Volume, path: str) -> None:
    kept = volume.file(path, days=4000)
    done = volume.run(KEEP_DUMPS="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert kept.exists()
    assert "removed 0 files" in done.stdout


@pytest.mark.parametrize(
    "path",
    [
        f"logs/{LIVE}.log",
        f"logs/{LIVE}/error/error.log",
        f"logs/error/{LIVE}.2026-01-01.log.gz",
        f"gc-{LIVE}-2026-01-01.log",
        f"gc/{LIVE}/gc.log",
        f"dump-{LIVE}-1.hprof",
        f"dumps/{LIVE}/1.hprof",
    ],
)
def test_g28_files_named_after_a_live_pod_stay_however_old(volume: Volume, path: str) -> None:
    kept = volume.file(path, days=4000)
    done = volume.run(KEEP_DUMPS="0")
    assert done.returncode == 0
    assert kept.exists()
    assert "kept 1 of live pods" in done.stdout


def test_g28_a_name_that_only_resembles_a_live_pod_is_no_excuse(volume: Volume) -> None:
    near = volume.file("logs/file-68bff5d45b-cgnd.log", days=99)
    service = volume.file("logs/profile-68bff5d45b-abcde.log", days=99)
    replica_set = volume.file("logs/gateway-68bff5d45b.log", days=99)
    annotated = volume.file("logs/not-a-pod.log.1", days=99)
    assert volume.run().returncode == 0
    assert not any(path.exists() for path in (near, service, replica_set, annotated))


def test_a_log_is_kept_until_its_whole_age_is_reached(volume: Volume) -> None:
    young = volume.file("logs/young.1.log", days=13.9)
    old = volume.file("logs/old.1.log", days=14.1)
    volume.run()
    assert young.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    "name", ["two words.log.1", "-rf.log.1", "line\nbreak.log.1", "$(touch pwned).log.1", "*.log.1", "中.log.1"]
)
def test_strange_names_are_one_name_each(volume: Volume, name: str) -> None:
    strange = volume.file(f"logs/{name}", days=99)
    bystanders = [
        volume.file(f"logs/{each}", days=1) for each in ("two", "words.log.1", "line", "break.log.1", "a.log.1")
    ]
    done = volume.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert not strange.exists()
    assert all(path.exists() for path in bystanders)
    assert done.stdout.count("\n") == 2, "a name must not make lines of its own"
    assert not Path("pwned").exists()


def test_links_are_neither_followed_nor_removed(volume: Volume, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    (outside / "logs").mkdir(parents=True)
    for each in ("a.log", "logs/b.log", "c.hprof"):
        (outside / each).write_text("precious")
        age(outside / each, 4000)
    other = volume.service("other")
    inside = volume.file("logs/kept", days=0, service="other")
    (inside.parent / "link.log").symlink_to(outside / "a.log")
    (inside.parent / "directory").symlink_to(outside)
    age(inside.parent / "link.log", 4000)
    (other / "gc").symlink_to(outside)
    (other / "dumps").symlink_to(outside)
    (other / "link.hprof").symlink_to(outside / "c.hprof")
    age(other / "link.hprof", 4000)
    before = volume.files()
    assert volume.run(KEEP_DUMPS="0").returncode == 0
    assert volume.files() == before
    assert all((outside / each).exists() for each in ("a.log", "logs/b.log", "c.hprof"))


def test_a_linked_logs_directory_is_left_alone(volume: Volume, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "a.log").write_text("precious")
    age(outside / "a.log", 4000)
    (volume.root / "file" / "logs").symlink_to(outside)
    assert volume.run().returncode == 0
    assert (outside / "a.log").exists()


def test_dumps_go_by_age_and_the_newest_of_each_service_stay(volume: Volume) -> None:
    volume.service("exam")
    dumps = [volume.file(f"dump-{GONE}-{days}.hprof", days=days) for days in (31, 40, 50, 60)]
    nested = volume.file(f"dumps/{GONE}/1/a.hprof", days=45)
    alone = [volume.file(f"dumps/{name}.hprof", days=400, service="exam") for name in ("a", "b")]
    done = volume.run()
    assert done.returncode == 0
    assert [path.exists() for path in dumps] == [True, True, False, False]
    assert not nested.exists()
    assert all(path.exists() for path in alone)
    assert "exam: removed 0 files, 0 bytes; kept 0 of live pods, 2 newest dumps; 0 failed" in done.stdout


def test_a_dump_is_kept_longer_than_a_log(volume: Volume) -> None:
    dump = volume.file("dump-a.hprof", days=29)
    volume.run(KEEP_DUMPS="0")
    assert dump.exists()
    volume.run(KEEP_DUMPS="0", DUMPS_DAYS="29")
    assert not dump.exists()


def test_dumps_of_one_moment_are_never_counted_against_each_other(volume: Volume) -> None:
    moment = time.time() - 99 * DAY
    dumps = [volume.file(f"dump-{number}.hprof", days=99) for number in range(4)]
    for dump in dumps:
        os.utime(dump, (moment, moment))
    volume.run()
    assert all(dump.exists() for dump in dumps)


def test_a_dump_whose_name_has_line_breaks_counts_once(volume: Volume) -> None:
    newest = volume.file("dump-\n\n\n.hprof", days=40)
    second = volume.file("dump-b.hprof", days=50)
    volume.run()
    assert newest.exists()
    assert second.exists()


def test_g27_a_dry_run_says_what_it_would_remove_and_removes_nothing(volume: Volume) -> None:
    volume.service("exam", marked=False)
    volume.file("logs/old.1.log", days=99, content="1234567")
    volume.file("dump-a.hprof", days=99, service="exam", content="123")
    before = volume.files()
    done = volume.run(DRY_RUN="true", KEEP_DUMPS="0")
    assert done.returncode == 0
    assert volume.files() == before
    assert "would remove 7 bytes: file/logs/old.1.log\n" in done.stdout
    assert "file: would remove 1 files, 7 bytes; kept 0 of live pods, 0 newest dumps; 0 failed\n" in done.stdout
    assert "exam: would remove 1 files, 3 bytes" in done.stdout
    assert done.stderr == "left alone without the mark DATA_DIR/.log-retention, which a person sets with touch: exam/\n"


def test_a_second_run_finds_nothing(volume: Volume) -> None:
    volume.file("logs/old.1.log", days=99)
    assert "removed 1 files" in volume.run().stdout
    assert "removed 0 files" in volume.run().stdout


def test_g28_a_log_that_a_running_service_may_have_open_stays_however_quiet_it_is(volume: Volume) -> None:
    paths = ("error/error.log", "spring.log", "file-error.log", "file-access-error.log", "oauth2.log", "gc.log")
    quiet = [volume.file(f"{folder}/{path}", days=4000) for folder in ("logs", "gc") for path in paths]
    gc = volume.file("gc-app.log", days=4000)
    gone = [volume.file(f"logs/file-bcdfghjkl-{pod}/spring.log", days=99) for pod in ("xxxxx", "bcdfg")]
    done = volume.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert all(path.exists() for path in (*quiet, gc))
    assert not any(path.exists() for path in gone)


def test_directories_that_a_pod_left_empty_are_removed_later_and_those_of_the_service_stay(volume: Volume) -> None:
    for path in (f"logs/{GONE}/a", "logs/error", "logs/debug", f"dumps/{GONE}", f"logs/{LIVE}", "uploads/x"):
        (volume.root / "file" / path).mkdir(parents=True)
        age(volume.root / "file" / path, 99)
    (volume.root / "file" / "logs" / "tmp" / GONE).mkdir(parents=True)
    volume.file(f"logs/{GONE}-2/kept.txt", days=99)
    for path in (f"logs/{GONE}", f"logs/{GONE}-2", f"logs/tmp/{GONE}"):
        age(volume.root / "file" / path, 99)
    done = volume.run()
    assert done.returncode == 0
    left = {str(path.relative_to(volume.root / "file")) for path in volume.root.rglob("*") if path.is_dir()}
    kept = {"logs/error", "logs/debug", f"logs/{LIVE}", f"logs/{GONE}-2", "logs/tmp", f"logs/tmp/{GONE}", "uploads/x"}
    assert left - {"."} == {*kept, "logs", "dumps", "uploads"}
    assert f"removed an empty directory: file/logs/{GONE}\n" in done.stdout


def test_what_cannot_be_removed_is_said_and_the_rest_is_still_done(volume: Volume, tmp_path: Path) -> None:
    stuck = volume.file("logs/stuck.1.log", days=99)
    easy = volume.file("logs/easy.1.log", days=99)
    wrapper = tmp_path / "bin" / "rm"
    wrapper.parent.mkdir()
    real = shutil.which("rm")
    wrapper.write_text(
        f'#!/bin/sh\ncase $* in *stuck*) echo "rm: not permitted" >&2; exit 1 ;; esac\nexec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    done = volume.run()
    assert done.returncode == 1
    assert stuck.exists()
    assert not easy.exists()
    assert "failed: file: file/logs/stuck.1.log" in done.stderr
    assert "removed 1 files, 1 bytes; kept 0 of live pods, 0 newest dumps; 1 failed" in done.stdout


def test_a_service_whose_run_ends_in_the_middle_has_failed(volume: Volume, tmp_path: Path) -> None:
    """As when the kernel kills it for its memory: what was not looked at is no success."""
    killer = tmp_path / "bin" / "find"
    killer.parent.mkdir()
    killer.write_text("#!/bin/sh\nkill -KILL $PPID\n")
    killer.chmod(0o755)
    volume.file("logs/old.1.log", days=99)
    done = volume.run()
    assert done.returncode == 1
    assert "failed: file: it ended in the middle" in done.stderr


def test_a_service_s_directory_with_a_strange_name_makes_no_lines_of_its_own(volume: Volume) -> None:
    volume.service("a\nremoved 1 bytes: b", marked=False)
    volume.service("c\nremoved 1 bytes: d")
    done = volume.run()
    assert done.returncode == 0
    assert sorted(line.split(":")[0] for line in done.stdout.splitlines()) == ["c?removed 1 bytes", "file"]
    assert done.stderr.count("\n") == 1
