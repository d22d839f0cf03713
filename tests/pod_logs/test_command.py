"""`ackp logs` from the command line, on a real API server with imitated pods."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from tests.adopt.readings import changed
from tests.cluster.api import Object
from tests.cluster.bound import bound
from tests.docs.documents import Page
from tests.pod_logs.conftest import NAMESPACE, Pods
from tests.pod_logs.memory import MANY, MOST_BYTES, WRITTEN, of_a_long_tail, while_following
from tests.pod_logs.running import Terminal, running
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "read-logs.md")


def run(pods: Pods, *arguments: str, kubeconfig: Path | None = None) -> Result:
    place = str(kubeconfig or pods.plane.kubeconfig)
    return CliRunner().invoke(app, ["logs", "study", "--stack", "uat", "--kubeconfig", place, *arguments])


def test_g24_where_the_files_are_is_said_beside_the_lines(pods: Pods) -> None:
    pods.say("one")
    done = run(pods)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [f"{name}  one" for name in pods.names()]
    assert done.stderr.splitlines()[0] == (
        "log files: /product/uat/study (DATA_DIR) in the pods; on the NAS "
        "example0nas-uat01.cn-hangzhou.nas.aliyuncs.com:/uat/product/uat/study"
    )


def test_the_page_shows_what_the_command_prints(pods: Pods) -> None:
    lines, files = [block.text for block in PAGE.blocks if block.language == "text"]
    pods.say("2026-11-26 03:44:10.110  INFO [study] c.e.s.OrderController : order 1001: paid")
    pods.say(lines.splitlines()[0].partition("  ")[2])
    done = run(pods, "--since", "10m", "--grep", "ERROR")
    shown = done.stdout
    for name, line in zip(pods.names(), lines.splitlines(), strict=True):
        shown = shown.replace(name, line.partition("  ")[0])
    assert shown == lines
    assert done.stderr.splitlines()[0] == files.strip()


def test_g24_without_since_and_grep_the_last_hundred_lines_of_each_pod_are_shown_else_all(pods: Pods) -> None:
    pods.say(*(f"line {number}" for number in range(120)))
    shown = [line.partition("  ")[2] for line in run(pods).stdout.splitlines()]
    assert (len(shown), shown[0], shown[-1]) == (200, "line 20", "line 119")
    assert len(run(pods, "--since", "1h").stdout.splitlines()) == 240
    assert len(run(pods, "--grep", "line 11").stdout.splitlines()) == 2 * 11
    assert len(run(pods, "--grep", "line 11", "--tail", "2").stdout.splitlines()) == 2 * 2


def test_each_line_is_an_object_for_machines(pods: Pods) -> None:
    pods.say('{"level": "错误"}')
    found = [json.loads(line) for line in run(pods, "--json").stdout.splitlines()]
    assert [(each["pod"], each["message"]) for each in found] == [(name, '{"level": "错误"}') for name in pods.names()]
    assert all(each["time"].endswith("000Z") for each in found)


def test_following_tells_of_pods_that_come_and_go_and_ends_by_ctrl_c(pods: Pods, tmp_path: Path) -> None:
    pods.say("before")
    first = set(pods.names())
    with running(tmp_path, "logs", "study", "-s", "uat", "-f", "--kubeconfig", pods.plane.kubeconfig) as command:
        command.until("before")
        (new,) = set(pods.scale(3)) - first
        command.until(f"{new}: new")
        pods.say("between")
        command.until(f"{new}  between")
        (gone,) = {*first, new} - set(pods.scale(2))
        command.until(f"{gone}: gone")
        assert command.interrupt() == 130
        assert command.err[-1] == "Ended by Ctrl-C."
        assert "Traceback" not in "\n".join(command.err)


def test_an_api_server_that_restarts_is_waited_for_and_no_line_comes_twice(pods: Pods, tmp_path: Path) -> None:
    pods.say("before")
    with running(tmp_path, "logs", "study", "-s", "uat", "-f", "--kubeconfig", pods.plane.kubeconfig) as command:
        command.until("before")
        pods.plane.kill("kube-apiserver")
        try:
            command.until("does not answer: Connection refused. Trying again")
            pods.say("while it is away")
        finally:
            pods.plane.start("kube-apiserver")
        command.until("The API server answers again")
        command.until("while it is away")
        pods.say("after")
        for name in pods.names():
            command.until(f"{name}  after")
        assert command.interrupt() == 130
        expected = [f"{name}  {text}" for name in pods.names() for text in ("before", "while it is away", "after")]
        assert sorted(command.out) == sorted(expected)
        assert sum("does not answer" in line for line in command.err) == 1


def test_a_hundred_pods_are_followed_in_bounded_memory(pods: Pods, tmp_path: Path) -> None:
    pods.scale(MANY)
    assert while_following(pods, tmp_path) < MOST_BYTES
    most, lines = of_a_long_tail(pods, tmp_path)
    assert most < MOST_BYTES
    assert lines == MANY * WRITTEN


def test_on_a_terminal_each_pod_has_its_colour_and_the_terminal_stays_as_it_was(pods: Pods) -> None:
    pods.say("plain", "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[?25l\x1b]0;title\x07cleared")
    place = pods.plane.kubeconfig
    terminal = Terminal(("logs", "study", "-s", "uat", "--follow", "--kubeconfig", place))
    try:
        terminal.until("cleared")
        for name in pods.names():
            terminal.until(f"{name}  \x1b[0mcleared")
        coloured = re.findall(r"\x1b\[(\d+)m(\S+)  \x1b\[0m(.*?)\r\n", terminal.shown)
        assert {colour for colour, _, _ in coloured} == {"36", "32"}
        for name in pods.names():
            (colour,) = {colour for colour, pod, _ in coloured if pod == name}
            texts = [text for _, pod, text in coloured if pod == name]
            assert texts == ["plain", "\x1b[31mred\x1b[0m", "cleared"], colour
        assert terminal.interrupt() == 130
        terminal.until("Ended by Ctrl-C.")
        for harmful in ("\x1b[2J", "\x1b[?", "\x1b]"):
            assert harmful not in terminal.shown
    finally:
        assert terminal.close() == terminal.modes


def test_the_rights_of_an_observer_are_enough_and_what_is_missing_is_named(pods: Pods) -> None:
    pods.say("one")
    with bound(pods.api, pods.plane.kubeconfig, "observer", NAMESPACE) as observer:
        done = run(pods, kubeconfig=observer.kubeconfig)
        assert (done.exit_code, len(done.stdout.splitlines())) == (0, 2), done.stderr
        with observer.holding([]):
            done = run(pods, kubeconfig=observer.kubeconfig)
        assert done.exit_code == 1
        assert "The logs of study in the namespace uat cannot be read" in done.stderr
        assert "verb list on pods there: docs/rbac/observer.yaml" in done.stderr
        with observer.holding([each for each in observer.rules if "pods/log" not in each["resources"]]):
            done = run(pods, kubeconfig=observer.kubeconfig)
        assert done.exit_code == 1
        assert "verb get on pods/log there: docs/rbac/observer.yaml" in done.stderr


def test_a_service_that_is_not_known_is_named_with_the_nearest(pods: Pods) -> None:
    done = CliRunner().invoke(app, ["logs", "stduy", "-s", "uat", "--kubeconfig", str(pods.plane.kubeconfig)])
    assert done.exit_code == 1
    assert done.stderr == 'error: stduy is no service of the stack uat; did you mean "study"?\n'


def test_a_service_without_pods_is_said_to_have_none(pods: Pods) -> None:
    pods.scale(0)
    done = run(pods)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == "error: study has no pods in the namespace uat"


def test_a_pod_that_was_never_restarted_has_no_earlier_container(pods: Pods) -> None:
    done = run(pods, "--previous")
    assert (done.exit_code, done.stdout) == (1, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()[-2:]] == pods.names()


def test_a_context_that_names_another_ack_cluster_is_refused(pods: Pods, tmp_path: Path) -> None:
    other = "c" + "0" * 31 + "9"

    def renamed(config: Object) -> None:
        config["contexts"][0]["name"] = config["current-context"] = f"200000000000000001-{other}"

    done = run(pods, kubeconfig=changed(pods.plane.kubeconfig, tmp_path, renamed))
    assert done.exit_code == 1
    assert f"leads to the cluster {other}, and the stack uat is in cexample0000000000000000000000001" in done.stderr
    assert done.stdout == ""


def test_another_address_than_the_stack_states_is_told(pods: Pods) -> None:
    assert "the stack uat has its API server at https://203.0.113.10:6443, and this is https://127" in run(pods).stderr


def test_credentials_that_have_expired_are_one_report(pods: Pods, tmp_path: Path) -> None:
    def expired(config: Object) -> None:
        config["users"][0]["user"] = {"token": "made-up-token-of-nobody"}

    done = run(pods, kubeconfig=changed(pods.plane.kubeconfig, tmp_path, expired))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "does not accept the credentials" in done.stderr
    assert "made-up-token-of-nobody" not in done.stderr


def test_no_kubeconfig_is_one_report(pods: Pods, tmp_path: Path) -> None:
    done = run(pods, kubeconfig=tmp_path / "none")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"The kubeconfig {tmp_path / 'none'} cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "soon"], "soon is no duration; write 30s, 10m, 2h, 1d or 1h30m"),
        (["--follow", "--previous"], "--follow and --previous exclude each other"),
        (["--tail", "-1"], "Invalid value for '--tail'"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["logs", "study", *arguments])
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
