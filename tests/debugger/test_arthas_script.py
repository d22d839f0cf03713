"""The script that brings Arthas into a JVM and takes it away: the real one, a real JVM, under each shell (row G25)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from components.manifests.security import UID
from debugger.script import script
from sandbox.progress import Lines
from tests.debugger.arthas import arthas_files
from tests.debugger.service import SHELLS, Service

SCRIPT = "arthas.sh"
SIZE = "100 40\n"
HOME = "-Duser.home=/tmp"


@pytest.fixture(scope="module")
def arthas() -> Path:
    """Arthas's files, in this machine's cache."""
    return arthas_files(Lines())


def beside(
    service: Service,
    arthas: Path,
    *commands: str,
    options: tuple[str, ...] = (HOME,),
    shell: str = "dash",
    user: int = UID,
    before: str = "",
    between: str = "",
) -> subprocess.Popen[str]:
    """Start the script; the arguments are as for `Service.beside`. Its user finds Arthas in the service's folder."""
    home = service.folder / "arthas"
    home.mkdir()
    return service.beside(
        SCRIPT,
        *commands,
        options=options,
        shell=shell,
        user=user,
        mounts={home: arthas},
        before=before,
        between=between,
        environment={"ARTHAS_HOME": str(home)},
    )


def spoken_to(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """The process, once it knows the terminal's size."""
    stream(process.stdin).write(SIZE)
    stream(process.stdin).flush()
    return process


def stream(found: IO[str] | None) -> IO[str]:
    assert found is not None
    return found


def heard(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What there is on both outputs until the end, while standard input stays open."""
    said = stream(process.stdout).read(), stream(process.stderr).read()
    process.wait(120)
    return said


def until(process: subprocess.Popen[str], words: str) -> str:
    """What Arthas says until it has said some words."""
    said = ""
    while words not in said:
        letter = stream(process.stdout).read(1)
        assert letter, (said, stream(process.stderr).read())
        said += letter
    return said


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_are_answered_and_nothing_is_left(service: Service, arthas: Path, shell: str) -> None:
    process = spoken_to(beside(service, arthas, "watch Service doubled returnObj -n 1", "version", shell=shell))
    out, err = heard(process)
    assert process.returncode == 0, (out, err)
    assert err.splitlines()[-1] == "ready"
    assert "location=AtExit" in out
    assert "version | plaintext\n4.1.5\n" in out
    assert service.left == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_typed_reaches_arthas_until_quit(service: Service, arthas: Path, shell: str) -> None:
    process = spoken_to(beside(service, arthas, shell=shell))
    until(process, "]$ ")
    print("version", file=stream(process.stdin), flush=True)
    assert "4.1.5" in until(process, "]$ ")
    print("quit", file=stream(process.stdin), flush=True)
    assert process.wait(120) == 0
    assert service.left == set()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("commands", [(), ("watch Service doubled 'params[0] < 0'",)])
def test_the_end_of_standard_input_ends_it_and_nothing_is_left(
    service: Service, arthas: Path, shell: str, commands: tuple[str, ...]
) -> None:
    process = spoken_to(beside(service, arthas, *commands, shell=shell))
    until(process, "Affect(class count: 1" if commands else "]$ ")
    stream(process.stdin).close()
    assert process.wait(120) in (0, 1)
    assert service.left == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_who_leaves_before_arthas_is_there_leaves_nothing(service: Service, arthas: Path, shell: str) -> None:
    process = beside(service, arthas, "watch Service doubled params 'params.length > 9'", shell=shell)
    _, err = process.communicate(SIZE, timeout=120)
    assert process.returncode == 1, err
    assert service.left == set()


def test_what_the_service_has_at_home_stays(service: Service, arthas: Path) -> None:
    process = spoken_to(beside(service, arthas, "version", between="mkdir /tmp/logs /tmp/.arthas"))
    out, err = heard(process)
    assert process.returncode == 0, (out, err)
    assert service.left == {"logs", ".arthas"}


def test_without_a_terminals_size_nothing_is_begun(service: Service, arthas: Path) -> None:
    process = beside(service, arthas)
    stream(process.stdin).close()
    assert process.wait(120) == 1
    assert service.left == set()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Arthas cannot be copied into the service's /tmp: "),
        (("-XX:+DisableAttachMechanism",), "the JVM was started with -XX:+DisableAttachMechanism"),
        (("-Xrs",), "the JVM was started with -Xrs"),
        (("-XX:-EnableDynamicAgentLoading",), "the JVM was started with -XX:-EnableDynamicAgentLoading"),
    ],
)
def test_what_keeps_arthas_out_is_said_and_nothing_is_left(
    service: Service, arthas: Path, options: tuple[str, ...], said: str
) -> None:
    process = beside(service, arthas, options=(HOME, *options), before="mount -o remount,size=8m /tmp")
    out, err = process.communicate(SIZE, timeout=120)
    assert (process.returncode, out) == (1, ""), err
    assert err.splitlines()[-1].startswith(said)
    assert service.left == set()


def test_an_image_without_arthas_is_said(service: Service, tmp_path: Path) -> None:
    process = beside(service, tmp_path)
    _, err = process.communicate(SIZE, timeout=120)
    assert process.returncode == 1
    assert "has no Arthas: debug.image must have it in " in err.splitlines()[-1]


OTHER = """
mkdir /tmp/arthas-$(pgrep -o java)
sleep 1000 & echo "$! 3658" >/tmp/arthas-$(pgrep -o java)/session
"""


def test_a_second_session_is_refused_and_the_first_one_goes_on(service: Service, arthas: Path) -> None:
    process = spoken_to(beside(service, arthas, "version", between=OTHER))
    _, err = heard(process)
    assert process.returncode == 1
    assert err.splitlines()[-1] == "ackp arthas is in this pod already: one session at a time"
    assert len(service.left) == 1


def test_what_a_killed_session_left_is_taken_away_first(service: Service, arthas: Path) -> None:
    first = f"(echo {SIZE.strip()}; sleep 1000) | sh {service.folder}/{SCRIPT} 'watch Service doubled' >first 2>&1 &"
    begun = "for attempt in $(seq 600); do grep -q 'Affect(class count: 1' first && break; sleep 0.1; done"
    killed = f"{begun}; pkill -KILL -f 'sh .*arthas.sh'"
    process = spoken_to(beside(service, arthas, "version", between=f"{first} {killed}; pkill -KILL -f arthas-client"))
    out, err = heard(process)
    assert process.returncode == 0, (out, err)
    assert "Taking away the Arthas of a session that was killed" in err
    assert "4.1.5" in out
    assert service.left == set()


def test_the_script_passes_shellcheck() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    subprocess.run([shellcheck, "-"], input=script(SCRIPT), text=True, check=True)
