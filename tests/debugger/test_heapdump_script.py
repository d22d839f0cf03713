"""The script that has a JVM write a heap dump, with a real JVM and `jcmd` in a process namespace, under each shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.manifests.security import UID
from tests.settings import ROOT

SCRIPT = ROOT / "debugger" / "heapdump.sh"
SHELLS = ("dash", "bash --posix", "busybox sh")
_SERVICE = """
public class Service {
    public static void main(String[] arguments) throws Exception {
        new java.io.File("started").createNewFile();
        Thread.sleep(600_000);
    }
}
"""
_BESIDE = """
setpriv --reuid "$SERVICE_USER" --regid "$SERVICE_USER" --clear-groups $JAVA & service=$!
for attempt in $(seq 600); do [ -e started ] && break; sleep 0.1; done
setpriv --reuid 10001 --regid 10001 --clear-groups "$@"
code=$?
kill -KILL $service
exit $code
"""


@dataclass(frozen=True)
class Service:
    """A service that runs on this machine with a /tmp of its own.

    Attributes:
        folder: Its working directory, with `data` as DATA_DIR.
    """

    folder: Path

    def dump(self, *options: str, shell: str = "dash", user: int = UID, name: str = "java", before: str = "") -> str:
        """What the script says at the end, beside this service.

        Args:
            options: The JVM's.
            shell: What runs the script.
            user: The service's.
            name: The name of its process.
            before: Commands in its mounts, before it starts.
        """
        (self.folder / "started").unlink(missing_ok=True)
        data = self.folder / "data"
        asked = [*shell.split(), str(self.folder / SCRIPT.name), str(data), f"{data}/dumps/pod-1", "heapdump-1.hprof"]
        java = shutil.which("java")
        assert java
        words = [java if name == "java" else str(self.folder / name), *options, "-cp", str(self.folder), "Service"]
        inside = f"mount -t tmpfs -o mode=1777 tmpfs /tmp; {before}\n{_BESIDE}"
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", inside, "sh", *asked],
            cwd=self.folder,
            env={**os.environ, "SERVICE_USER": str(user), "JAVA": " ".join(words)},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.stdout, done.stderr
        last = done.stdout.splitlines()[-1]
        assert done.returncode == (0 if last.startswith("written: ") else 1), (done.stdout, done.stderr)
        return last

    def files(self) -> list[Path]:
        """What there is in DATA_DIR."""
        return [each for each in (self.folder / "data").rglob("*") if each.is_file()]


@pytest.fixture
def service() -> Iterator[Service]:
    """It is outside of /tmp, over which a test mounts another, and where its user may go."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    (folder / "data").mkdir()
    (folder / "Service.java").write_text(_SERVICE, encoding="utf-8")
    shutil.copy(SCRIPT, folder)
    subprocess.run(["javac", "Service.java"], cwd=folder, check=True)
    for each in (folder, folder / "data"):
        os.chown(each, UID, UID)
    yield Service(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_dump_is_written_and_its_size_is_said_last(service: Service, shell: str) -> None:
    said = service.dump(shell=shell)
    (file,) = service.files()
    assert said == f"written: {file.stat().st_size} bytes"
    assert file.read_bytes()[:12] == b"JAVA PROFILE"


@pytest.mark.parametrize(
    ("options", "user", "before", "said"),
    [
        (("-XX:+DisableAttachMechanism",), UID, "", "the JVM was started with -XX:+DisableAttachMechanism"),
        (("-Xrs",), UID, "", "the JVM was started with -Xrs"),
        ((), 20002, "chmod 777 .", "the JVM runs as user 20002 and this container as 10001"),
        ((), UID, "mount -o remount,ro /tmp", "the service cannot write into its /tmp"),
        ((), UID, "mount -t tmpfs -o size=1m,mode=1777 tmpfs data", "data has 1 MiB free, and the JVM holds "),
        ((), UID, "mount -o bind,ro data data; mount -o remount,bind,ro data", "dumps/pod-1 cannot be made: "),
    ],
)
def test_what_keeps_a_tool_from_attaching_is_said_and_nothing_is_written(
    service: Service, options: tuple[str, ...], user: int, before: str, said: str
) -> None:
    assert said in service.dump(*options, user=user, before=before)
    assert service.files() == []


def test_without_a_jvm_there_is_nothing_to_dump(service: Service) -> None:
    (service.folder / "other").write_text("#!/bin/sh\ntouch started\nexec sleep 60\n", encoding="utf-8")
    (service.folder / "other").chmod(0o755)
    assert service.dump(name="other").startswith("there is no process java in the service's container")


def test_a_dump_that_breaks_off_leaves_nothing(service: Service) -> None:
    """The room is there when it is looked for; a limit of a file's size stands for what others fill meanwhile."""
    assert "File too large" in service.dump(before="ulimit -f 200")
    assert service.files() == []


def test_the_script_passes_shellcheck() -> None:
    subprocess.run([Path(sys.executable).with_name("shellcheck"), SCRIPT], check=True)
