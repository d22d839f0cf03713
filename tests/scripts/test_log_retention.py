"""The log retention script under real shells, with real find, real curl and real files (rows G27, G28)."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.pod_list import TOKEN, PodList, pod_list

SCRIPT = Path(__file__).parents[2] / "components" / "scripts" / "log-retention.sh"
SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]
OWN_POD = "log-retention-29384710-x7k2p"
LIVE = "file-68bff5d45b-cgnd8"
GONE = "file-68bff5d45b-zzzzz"
DAY = 86400


@pytest.fixture
def api() -> Iterator[PodList]:
    with pod_list(OWN_POD, LIVE) as served:
        yield served


class Volume:
    """The mounted directories of the services, and the run of the script over them."""

    def __init__(self, folder: Path, api: PodList, shell: str) -> None:
        self.root, self.api, self.shell = folder / "data" / "product-uat", api, shell
        self.account = folder / "service-account"
        self.account.mkdir()
        (self.account / "token").write_text(TOKEN)
        (self.account / "ca.crt").write_text("")
        self.service("file")

    def service(self, name: str, *, marked: bool = True) -> Path:
        directory = self.root / name
        directory.mkdir(parents=True)
        if marked:
            (directory / ".log-retention").touch()
        return directory

    def file(self, path: str, *, days: float, content: str = "x", service: str = "file") -> Path:
        made = self.root / service / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(content)
        age(made, days)
        return made

    def run(self, **changes: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "API_SERVER": self.api.url,
            "DRY_RUN": "false",
            "DUMPS_DAYS": "30",
            "KEEP_DUMPS": "2",
            "LOGS_DAYS": "14",
            "NAMESPACE": "uat",
            "PATH": os.environ["PATH"],
            "POD_NAME": OWN_POD,
            "ROOT": str(self.root.parent),
            "SERVICE_ACCOUNT": str(self.account),
            **changes,
        }
        # find starts the script again by `sh`: the shell under test stands first on PATH under that name.
        bin_folder = self.account.parent / "bin"
        bin_folder.mkdir(exist_ok=True)
        shell = bin_folder / "sh"
        if not shell.exists():
            shell.symlink_to(str(shutil.which(self.shell)))
        variables["PATH"] = f"{bin_folder}:{variables['PATH']}"
        return subprocess.run(
            [str(shell), str(SCRIPT)],
            env={name: value for name, value in variables.items() if value != "unset"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()}


def age(path: Path, days: float) -> None:
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment), follow_symlinks=False)


@pytest.fixture(params=SHELLS)
def volume(request: pytest.FixtureRequest, tmp_path: Path, api: PodList) -> Volume:
    return Volume(tmp_path, api, request.param)


def test_shellcheck_finds_nothing() -> None:
    checker = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([str(checker), "--shell=sh", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0


def test_two_kinds_of_shell_are_tried() -> None:
    assert SHELLS


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
    annotated = volume.file("logs/not-a-pod.log", days=99)
    assert volume.run().returncode == 0
    assert not any(path.exists() for path in (near, service, replica_set, annotated))


def test_a_log_is_kept_until_its_whole_age_is_reached(volume: Volume) -> None:
    young = volume.file("logs/young.log", days=13.9)
    old = volume.file("logs/old.log", days=14.1)
    volume.run()
    assert young.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    "name", ["two words.log", "-rf.log", "line\nbreak.log", "$(touch pwned).log", "*.log", "中.log"]
)
def test_strange_names_are_one_name_each(volume: Volume, name: str) -> None:
    strange = volume.file(f"logs/{name}", days=99)
    bystanders = [volume.file(f"logs/{each}", days=1) for each in ("two", "words.log", "line", "break.log", "a.log")]
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
    volume.file("logs/old.log", days=99, content="1234567")
    volume.file("dump-a.hprof", days=99, service="exam", content="123")
    before = volume.files()
    done = volume.run(DRY_RUN="true", KEEP_DUMPS="0")
    assert done.returncode == 0
    assert volume.files() == before
    assert "would remove 7 bytes: file/logs/old.log\n" in done.stdout
    assert "file: would remove 1 files, 7 bytes; kept 0 of live pods, 0 newest dumps; 0 failed\n" in done.stdout
    assert "exam: would remove 1 files, 3 bytes" in done.stdout
    assert done.stderr == "left alone without the mark DATA_DIR/.log-retention, which a person sets with touch: exam/\n"


def test_a_second_run_finds_nothing(volume: Volume) -> None:
    volume.file("logs/old.log", days=99)
    assert "removed 1 files" in volume.run().stdout
    assert "removed 0 files" in volume.run().stdout


def test_directories_that_a_pod_left_empty_are_removed_later_and_the_log_directories_stay(volume: Volume) -> None:
    for path in (f"logs/{GONE}", "logs/error", "logs/info", "logs/warn", f"dumps/{GONE}", f"logs/{LIVE}", "uploads/x"):
        (volume.root / "file" / path).mkdir(parents=True)
        age(volume.root / "file" / path, 99)
    volume.file(f"logs/{GONE}-2/kept.txt", days=99)
    age(volume.root / "file" / f"logs/{GONE}-2", 99)
    assert volume.run().returncode == 0
    left = {str(path.relative_to(volume.root / "file")) for path in volume.root.rglob("*") if path.is_dir()}
    expected = {"logs", "logs/error", "logs/info", "logs/warn", f"logs/{LIVE}", f"logs/{GONE}-2", "dumps", "uploads"}
    assert left - {"."} == {*expected, "uploads/x"}


@pytest.mark.parametrize("pretty", [True, False])
def test_the_pods_are_asked_of_the_api_with_the_service_accounts_token(volume: Volume, *, pretty: bool) -> None:
    volume.api.pretty = pretty
    kept = volume.file(f"logs/{LIVE}.log", days=99)
    gone = volume.file("logs/old.log", days=99)
    assert volume.run().returncode == 0
    assert (kept.exists(), gone.exists()) == (True, False)
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    assert volume.api.requests == [("/api/v1/namespaces/uat/pods", f"Bearer {TOKEN}", accept)]


def refused(volume: Volume, **changes: str) -> str:
    """The script's refusal; nothing may be gone."""
    volume.file("logs/old.log", days=99)
    before = volume.files()
    done = volume.run(**changes)
    assert done.returncode == 2, done.stdout + done.stderr
    assert volume.files() == before
    assert done.stdout == ""
    assert TOKEN not in done.stderr
    return done.stderr


@pytest.mark.parametrize("status", [401, 403, 500])
def test_it_refuses_when_the_api_refuses(volume: Volume, status: int) -> None:
    volume.api.status = status
    assert "refused: the live pods of uat could not be listed" in refused(volume)


def test_it_refuses_when_the_api_is_not_there(volume: Volume) -> None:
    assert "could not be listed" in refused(volume, API_SERVER="http://127.0.0.1:9")


def test_it_refuses_when_the_answer_is_cut_short(volume: Volume) -> None:
    volume.api.cut = 20
    assert "could not be listed" in refused(volume)


@pytest.mark.parametrize("body", ["", "{}", '{"kind":"PartialObjectMetadataList","items":[]}', "<html>proxy</html>"])
def test_it_refuses_a_list_that_does_not_hold_its_own_pod(volume: Volume, body: str) -> None:
    volume.api.body = body
    assert "does not hold this run's own pod" in refused(volume)


def test_it_refuses_without_a_token(volume: Volume) -> None:
    (volume.account / "token").unlink()
    volume.api.status = 401
    assert "could not be listed" in refused(volume)


def test_a_directory_without_the_mark_is_left_alone_while_the_marked_are_cleaned(volume: Volume) -> None:
    volume.service("tools", marked=False)
    kept = volume.file("logs/old.log", days=99, service="tools")
    gone = volume.file("logs/old.log", days=99)
    done = volume.run()
    assert done.returncode == 0
    assert "left alone without the mark DATA_DIR/.log-retention, which a person sets with touch: tools/" in done.stderr
    assert kept.exists()
    assert not gone.exists()


def test_it_refuses_when_no_directory_has_the_mark(volume: Volume) -> None:
    (volume.root / "file" / ".log-retention").unlink()
    assert "refused: no directory has the mark" in refused(volume)


@pytest.mark.parametrize("create", [True, False])
def test_it_refuses_an_empty_root(volume: Volume, tmp_path: Path, *, create: bool) -> None:
    empty = tmp_path / "empty"
    if create:
        empty.mkdir()
    assert f"refused: {empty} holds no directory of a service" in refused(volume, ROOT=str(empty))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DRY_RUN", "no", "DRY_RUN is neither true nor false"),
        ("DRY_RUN", "unset", "DRY_RUN is not set"),
        ("ROOT", "", "ROOT is not set"),
        ("POD_NAME", "unset", "POD_NAME is not set"),
        ("LOGS_DAYS", "-1", "not a number: -1"),
        ("LOGS_DAYS", "0", "must be 1 or more"),
        ("DUMPS_DAYS", "1e3", "not a number: 1e3"),
        ("KEEP_DUMPS", "99999999", "not a number: 99999999"),
    ],
)
def test_it_refuses_a_setting_that_makes_no_sense(volume: Volume, name: str, value: str, said: str) -> None:
    assert said in refused(volume, **{name: value})


def test_what_cannot_be_removed_is_said_and_the_rest_is_still_done(volume: Volume, tmp_path: Path) -> None:
    stuck = volume.file("logs/stuck.log", days=99)
    easy = volume.file("logs/easy.log", days=99)
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
    assert "failed: file: file/logs/stuck.log" in done.stderr
    assert "removed 1 files, 1 bytes; kept 0 of live pods, 0 newest dumps; 1 failed" in done.stdout
