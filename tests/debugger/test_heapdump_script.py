"""The script that has a JVM write a heap dump, with a real JVM and `jcmd` in a process namespace, under each shell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.manifests.security import UID
from debugger.script import script
from tests.debugger.service import SHELLS, Service

SCRIPT = "heapdump.sh"


def dump(
    service: Service, *options: str, shell: str = "dash", user: int = UID, name: str = "java", before: str = ""
) -> str:
    """What the script says at the end; the arguments are as for `Service.beside`."""
    data = service.folder / "data"
    words = [str(data), f"{data}/dumps/pod-1", "heapdump-1.hprof"]
    process = service.beside(SCRIPT, *words, options=options, shell=shell, user=user, name=name, before=before)
    out, err = process.communicate(timeout=240)
    assert out, err
    last = out.splitlines()[-1]
    assert process.returncode == (0 if last.startswith("written: ") else 1), (out, err)
    return last


def files(service: Service) -> list[Path]:
    """What there is in DATA_DIR."""
    return [each for each in (service.folder / "data").rglob("*") if each.is_file()]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_dump_is_written_and_its_size_is_said_last(service: Service, shell: str) -> None:
    said = dump(service, shell=shell)
    (file,) = files(service)
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
    assert said in dump(service, *options, user=user, before=before)
    assert files(service) == []


def test_without_a_jvm_there_is_nothing_to_dump(service: Service) -> None:
    (service.folder / "other").write_text("#!/bin/sh\ntouch started\nexec sleep 60\n", encoding="utf-8")
    (service.folder / "other").chmod(0o755)
    assert dump(service, name="other").startswith("there is no process java in the service's container")


def test_a_dump_that_breaks_off_leaves_nothing(service: Service) -> None:
    """The room is there when it is looked for; a limit of a file's size stands for what others fill meanwhile."""
    assert "File too large" in dump(service, before="ulimit -f 200")
    assert files(service) == []


def test_the_script_passes_shellcheck() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    subprocess.run([shellcheck, "-"], input=script(SCRIPT), text=True, check=True)
