"""What the start script refuses: one clear line and the documented exit code, before java is started."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.image.jars import JAR_FILE
from tests.image.test_start import SCRIPT, SHELLS, Start

NOBODY = 10001


@pytest.fixture(params=SHELLS)
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    return Start(tmp_path, SHELLS[request.param])


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of a refusal, without its beginning."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"start\.sh: [^\n]+\n", done.stderr), done.stderr
    return done.stderr.removeprefix("start.sh: ").rstrip("\n")


@pytest.mark.parametrize("value", ["Test", "te st", "test-", "-test", "te_st", "测试", "t" * 64, "a\nb"])
def test_an_environment_that_is_no_dns_label_is_refused(start: Start, value: str) -> None:
    done = start.run(ENVIRONMENT=value)
    assert done.returncode == 64
    assert done.stderr.startswith(f'start.sh: ENVIRONMENT is "{value}": it must be a DNS label')


@pytest.mark.parametrize("name", ["ENVIRONMENT", "DATA_DIR", "APP_DIR", "EXECUTABLE_JAR"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_or_empty_is_refused(start: Start, name: str, value: str | None) -> None:
    assert refused(start.run(**{name: value}), 64) == f"{name} is not set"


def test_an_image_of_another_profile_is_refused(start: Start) -> None:
    said = refused(start.run(IMAGE_PROFILE="uat"), 64)
    assert said.startswith("this image was built with PROFILE=uat and is started for test")


def test_an_image_of_the_profile_that_the_stack_names_is_started(start: Start) -> None:
    assert start.run(IMAGE_PROFILE="release", PROFILE="release").returncode == 0
    assert refused(start.run(IMAGE_PROFILE="test", PROFILE="release"), 64).endswith("use the image built for release")


def test_a_quote_that_is_not_closed_is_refused(start: Start) -> None:
    assert refused(start.run(PROGRAM_PARAMS="--a='b"), 64) == "PROGRAM_PARAMS has a quote that is not closed"


def test_a_jar_that_is_not_there_is_refused_with_those_that_are(start: Start) -> None:
    said = refused(start.run(EXECUTABLE_JAR="other.jar"), 66)
    assert said == f"there is no other.jar in APP_DIR {start.app}; it holds: {JAR_FILE} "


@pytest.mark.parametrize("path", ["/nowhere", "/dev/null"])
def test_an_app_dir_that_is_not_there_is_refused(start: Start, path: str) -> None:
    assert refused(start.run(APP_DIR=path), 66).startswith(f"there is no {JAR_FILE} in APP_DIR {path}")


def test_a_machine_without_java_is_refused(start: Start, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("cat", "date", "find", "head", "id", "mkdir", "sed", "sort", "tr", "uname"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    (tools / "sh").symlink_to("/bin/sh")
    command: list[str | Path] = [f"/bin/{start.shell[0]}", *start.shell[1:], SCRIPT]
    variables = {**start.variables({}), "PATH": str(tools)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert refused(done, 69).startswith("there is no java: ")


@pytest.mark.parametrize(
    "options", ["-XX:+NoSuchOption", "-Xmx1x", "no-option", "-XX:+UseG1GC -XX:+UseSerialGC", "-Xmx1m -Xms2m"]
)
def test_options_that_java_refuses_are_refused_with_javas_reason(start: Start, options: str) -> None:
    said = refused(start.run(JVM_OPTIONS_BASE=options), 65)
    assert re.match(r"java refuses JVM_OPTIONS_BASE or SYSTEM_OPTIONS: \S.{8}", said), said
    assert "Error occurred during" not in said


def as_nobody(start: Start) -> subprocess.CompletedProcess[str]:
    """Run as the image's user; root may write anywhere."""
    start.folder.chmod(0o755)
    for parent in start.folder.parents:
        if not parent.stat().st_mode & 0o005 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o005)
    command: list[str | Path] = [*start.shell, SCRIPT]
    return subprocess.run(
        command, env=start.variables({}), user=NOBODY, group=NOBODY, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("directory", [".", "gc", "dumps", "logs", "gc/oauth2-68bff5d45b-cgnd8"])
def test_a_data_dir_that_cannot_be_written_is_refused(start: Start, directory: str) -> None:
    start.variables({})
    if directory != ".":
        start.data.chmod(0o777)
        (start.data / directory).mkdir(parents=True)
        if "/" in directory:
            (start.data / "gc").chmod(0o777)
    said = refused(as_nobody(start), 73)
    assert said.startswith(f"DATA_DIR {start.data} is not writable for user {NOBODY}: ")


def test_a_data_dir_that_is_a_file_is_refused(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert refused(start.run(DATA_DIR=str(file)), 73).startswith(
        f"DATA_DIR {file} is not writable for user {os.getuid()}: "
    )
