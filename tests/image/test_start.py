"""The start script under real shells and every Java that the registries have (row G22)."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.progress import Lines
from tests.image.build import IMAGE
from tests.image.jars import JAR_FILE, PLAIN, probe_jar
from tests.image.jvms import JVMS, Jvm, java_home

SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]}
SCRIPT = IMAGE / "start.sh"
POD = "oauth2-68bff5d45b-cgnd8"


@dataclass
class Start:
    """A pod's directories and variables, and runs of the script in it."""

    folder: Path
    shell: list[str] = field(default_factory=lambda: ["dash"])
    changes: dict[str, str | None] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """DATA_DIR."""
        return self.folder / "data"

    @property
    def app(self) -> Path:
        """APP_DIR, with the probe as a plain jar."""
        return self.folder / "app"

    def variables(self, changes: dict[str, str | None]) -> dict[str, str]:
        """The variables of a container, where None takes one out."""
        for made in (self.data, self.app):
            made.mkdir(exist_ok=True)
        shutil.copy(probe_jar(PLAIN, Lines()), self.app / JAR_FILE)
        wanted = {
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "test",
            "EXECUTABLE_JAR": JAR_FILE,
            "DATA_DIR": str(self.data),
            "APP_DIR": str(self.app),
            "JVM_OPTIONS_BASE": "-Xmx32m",
            "SYSTEM_OPTIONS": "-Dserver.port=80",
            "PROGRAM_PARAMS": "--spring.profiles.active=test",
            "POD_NAME": POD,
            **self.changes,
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def run(self, *arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        """Run the script to its end."""
        command: list[str | Path] = [*self.shell, SCRIPT, *arguments]
        return subprocess.run(command, env=self.variables(changes), capture_output=True, text=True, check=False)

    def found(self, pattern: str) -> list[Path]:
        """Files and directories below DATA_DIR."""
        return sorted(self.data.glob(pattern))


@pytest.fixture(params=SHELLS)
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    return Start(tmp_path, SHELLS[request.param])


@pytest.fixture
def dash(tmp_path: Path) -> Start:
    return Start(tmp_path)


@pytest.fixture(params=JVMS, ids=lambda jvm: f"Java {jvm.major}")
def jvm(request: pytest.FixtureRequest) -> Jvm:
    asked: Jvm = request.param
    return asked


@pytest.fixture
def under_jvm(jvm: Jvm, tmp_path: Path) -> Start:
    return Start(tmp_path, changes={"JAVA_HOME": str(java_home(jvm, Lines()))})


def said(done: subprocess.CompletedProcess[str], kind: str) -> list[str]:
    """What the probe said of a kind: argument, property, charset, …"""
    return [line.removeprefix(f"{kind} ") for line in done.stdout.splitlines() if line.startswith(f"{kind} ")]


def test_g22_the_service_gets_options_parameters_and_arguments_in_this_order(start: Start) -> None:
    done = start.run("--last=1", SYSTEM_OPTIONS="-Dserver.port=8080 -Dserver.port=80")
    assert done.returncode == 0, done.stderr
    assert said(done, "argument") == ["--spring.profiles.active=test", "--last=1"]
    assert "server.port=80" in said(done, "property")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('-Dsaid="two words"', ["two words"]),
        ("'-Dsaid=two words'", ["two words"]),
        ('-Dsaid=a"b c"d', ["ab cd"]),
        ("""-Dsaid="it's" """, ["it's"]),
        ("""'-Dsaid=say "yes"'""", ['say "yes"']),
        (r"-Dsaid=\d+\.\s", [r"\d+\.\s"]),
        ("-Dsaid=$HOME`id`$(id)*", ["$HOME`id`$(id)*"]),
        ("  -Dsaid=1 \t -Dother=\n-Dlast=  ", ["1"]),
        ('-Dsaid=""', [""]),
        ("-Dsaid=学习", ["学习"]),
    ],
)
def test_a_word_is_what_stands_between_blanks_or_quotes_and_nothing_is_expanded(
    start: Start, value: str, words: list[str]
) -> None:
    done = start.run(SYSTEM_OPTIONS=value)
    assert done.returncode == 0, done.stderr
    assert [f"said={word}" for word in words] == [line for line in said(done, "property") if line.startswith("said=")]


def test_arguments_go_to_the_service_as_they_are(start: Start) -> None:
    done = start.run("two words", "", 'it\'s "so"', "*", PROGRAM_PARAMS="'--a=b c' --d")
    assert said(done, "argument") == ["--a=b c", "--d", "two words", "", 'it\'s "so"', "*"]


def test_the_script_becomes_java(dash: Start) -> None:
    process = subprocess.Popen(
        [*dash.shell, SCRIPT, "--then=wait"], env=dash.variables({}), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        assert any(line == "waiting\n" for line in lines)
        assert "java" in Path(f"/proc/{process.pid}/comm").read_text()
        process.send_signal(signal.SIGTERM)
        assert "stopping\n" in list(lines)
        assert process.wait(timeout=60) == 128 + signal.SIGTERM
    finally:
        process.kill()


def test_g22_each_start_has_a_gc_log_and_a_directory_for_dumps_of_its_own(under_jvm: Start) -> None:
    for _ in range(3):
        done = under_jvm.run()
        assert done.returncode == 0, done.stderr
    starts = [directory.name for directory in under_jvm.found(f"dumps/{POD}/*")]
    assert len(starts) == 3
    logs = {re.match(r"gc-(.+?)\.log", log.name)[1] for log in under_jvm.found(f"gc/{POD}/*")}  # type: ignore[index] # every name is one
    assert logs == set(starts)


def test_g22_out_of_memory_leaves_a_dump_each_time_and_ends_the_process(under_jvm: Start, jvm: Jvm) -> None:
    for _ in range(2):
        done = under_jvm.run("--then=oom", JVM_OPTIONS_BASE="-Xmx12m")
        assert done.returncode == 3, done.stderr
    assert len(under_jvm.found(f"dumps/{POD}/*/java_pid*.hprof")) == 2
    assert said(done, "version") == [jvm.version]


def test_a_java_gets_the_gc_log_that_it_knows(under_jvm: Start, jvm: Jvm) -> None:
    done = under_jvm.run("--then=exit", JVM_OPTIONS_BASE="-Xmx32m -XX:+UseG1GC")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.split("exec ", 1)[1].splitlines()[0]
    assert ("-Xlog:gc*" in shown) == (jvm.major >= 9)
    assert ("-Xloggc:" in shown) == (jvm.major < 9)
    assert ("-Xlog:async" in shown) == (jvm.major >= 17)
    assert any("G1" in log.read_text() or "garbage-first" in log.read_text() for log in under_jvm.found(f"gc/{POD}/*"))


def test_time_zone_and_utf_8_hold_without_a_word_from_outside(under_jvm: Start) -> None:
    done = under_jvm.run(SYSTEM_OPTIONS=None)
    assert said(done, "zone") == ["Asia/Shanghai"]
    assert said(done, "charset") == ["UTF-8"]
    assert "sun.jnu.encoding=UTF-8" in said(done, "property")


def test_the_character_set_of_files_is_utf_8_whatever_the_base_image_says(under_jvm: Start) -> None:
    assert said(under_jvm.run(SYSTEM_OPTIONS=None, LC_ALL="C"), "charset") == ["UTF-8"]


def test_the_time_zone_from_outside_wins(dash: Start) -> None:
    done = dash.run(TZ="Europe/Berlin")
    assert said(done, "zone") == ["Europe/Berlin"]


def test_what_the_java_refuses_is_said_in_one_line(under_jvm: Start, jvm: Jvm) -> None:
    refused = "-Xlog:gc" if jvm.major < 9 else "-XX:+PrintGCDateStamps"
    done = under_jvm.run(JVM_OPTIONS_BASE=f"-Xmx32m {refused}")
    assert done.returncode == 65
    name = refused if jvm.major < 9 else "PrintGCDateStamps"
    assert re.fullmatch(rf"start\.sh: java refuses JVM_OPTIONS_BASE or SYSTEM_OPTIONS: .*{name}.*\n", done.stderr)
    assert not under_jvm.found("*/*")


def test_the_options_win_over_the_scripts_own(under_jvm: Start) -> None:
    done = under_jvm.run(
        "--then=oom", JVM_OPTIONS_BASE="-Xmx12m -XX:-ExitOnOutOfMemoryError -XX:-HeapDumpOnOutOfMemoryError"
    )
    assert done.returncode == 1
    assert not under_jvm.found(f"dumps/{POD}/*/*")


@pytest.mark.parametrize("variable", ["JVM_OPTIONS_BASE", "JAVA_TOOL_OPTIONS"])
@pytest.mark.parametrize("options", ["-javaagent:/none.jar", "-agentlib:none"])
def test_an_agent_is_not_loaded_to_ask_for_the_version(dash: Start, variable: str, options: str) -> None:
    done = dash.run(**{variable: options})
    assert "exec " in done.stdout  # the question was answered; the service then does not start without its agent
    assert done.returncode == 1


def test_a_recording_is_not_begun_to_ask_for_the_version(dash: Start) -> None:
    recording = dash.folder / "recording.jfr"
    options = f"-Xmx64m -XX:StartFlightRecording=dumponexit=true,filename={recording}"
    assert dash.run(JVM_OPTIONS_BASE=options, DATA_DIR="/dev/null").returncode == 73  # found out after the question
    assert not recording.exists()


@pytest.mark.parametrize(
    "shown", ["--spring.datasource.password", "-Dnacos.Secret", "--accessToken", "-DAPI_KEY", "--key-store"]
)
def test_a_value_whose_key_looks_like_a_secret_is_not_shown(start: Start, shown: str) -> None:
    changes = {"SYSTEM_OPTIONS" if shown.startswith("-D") else "PROGRAM_PARAMS": f'{shown}="hunter2 or 3"'}
    changes["JVM_OPTIONS_BASE"] = "-Xmx32m"
    done = start.run("--url=jdbc:mysql://root:hunter2@db/x?password=hunter2&a=b", **changes)
    own = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("start.sh:")]
    assert "hunter2" not in "".join(own)
    assert "or 3" not in "".join(own)
    assert f"{shown}=***" in "".join(own)


def test_a_secret_in_a_refused_option_is_not_shown(dash: Start) -> None:
    done = dash.run(JVM_OPTIONS_BASE="-Xpassword=hunter2")
    assert done.returncode == 65
    assert "hunter2" not in done.stderr
