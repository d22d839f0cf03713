"""`ackp comment`: each stack has one comment on the pull request, and it is written again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from pipelines.comment import current_pull_request, mark, write
from pipelines.hosts import HOSTS
from pipelines.web import UnreachedError
from sandbox.problem import SandboxError
from tests.answering import answering
from tests.pipelines.servers import TOKEN, HostServer

REPORT = "uat: 2 services restart, 0 replaced\n\n| service | what |\n|---|---|\n| gateway | rolling restart |\n"


@pytest.fixture(params=sorted(HOSTS))
def server(request: pytest.FixtureRequest) -> Iterator[HostServer]:
    found = HostServer(request.param)
    with answering(found):
        yield found


@pytest.fixture(autouse=True)
def no_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in HOSTS.values():
        for name in (each.sign, each.number, *each.needs):
            monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_report_is_added_then_changed_and_is_one_comment(server: HostServer) -> None:
    server.comments = {"1": "Looks good to me.", "2": f"quoted: {mark('uat')}"}
    pull_request = current_pull_request(None, server.variables)
    assert write(pull_request, "uat", REPORT) == "added"
    assert write(pull_request, "uat", REPORT) == "unchanged"
    assert write(pull_request, "uat", REPORT.replace("2 services", "3 services")) == "changed"
    assert write(pull_request, "test", REPORT) == "added"
    assert server.writes == 3
    texts = list(server.comments.values())
    assert texts[:2] == ["Looks good to me.", f"quoted: {mark('uat')}"]
    assert [each.splitlines()[:2] for each in texts[2:]] == [
        [mark("uat"), "uat: 3 services restart, 0 replaced"],
        [mark("test"), "uat: 2 services restart, 0 replaced"],
    ]


@pytest.mark.parametrize("server", ["github", "gitlab", "gitee"], indirect=True)
def test_the_comment_is_found_behind_hundreds_of_others(server: HostServer) -> None:
    server.comments = {str(number): f"word {number}" for number in range(1, 251)}
    server.comments["230"] = f"{mark('uat')}\nearlier"
    assert write(current_pull_request(None, server.variables), "uat", REPORT) == "changed"
    assert "2 services restart" in server.comments["230"]


def test_a_report_that_is_too_long_is_cut_at_a_line_and_says_so(server: HostServer) -> None:
    rows = "".join(f"| service-{number} | rolling restart |\n" for number in range(60_000))
    write(current_pull_request(None, server.variables), "uat", REPORT + rows)
    (text,) = server.comments.values()
    assert len(text) <= HOSTS[server.word].most
    kept, _, rest = text.partition("\n\nCut here")
    assert kept.endswith("| rolling restart |")
    assert "artifacts" in rest


def test_a_refused_token_is_said_and_not_shown(server: HostServer) -> None:
    variables = {key: value if value != TOKEN else "another-token" for key, value in server.variables.items()}
    with pytest.raises(UnreachedError, match=r"answered 401.*Bad credentials") as refused:
        write(current_pull_request(None, variables), "uat", REPORT)
    assert "another-token" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, f"oops {TOKEN} oops"), r"answered 500: oops \[secret\] oops"),
        ((302, ""), "answered 302: nothing more"),
        ((200, "<html>sign in</html>"), "no JSON; is the address right"),
        ((200, ""), "no JSON"),
        ((200, "{}"), "no list; is the address right"),
    ],
)
def test_an_answer_that_is_none_is_one_line(server: HostServer, answer: tuple[int, str], said: str) -> None:
    server.answer = answer
    with pytest.raises(UnreachedError, match=said) as refused:
        write(current_pull_request(None, server.variables), "uat", REPORT)
    assert TOKEN not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_server_that_is_not_there_is_one_line(server: HostServer) -> None:
    away = {key: value.replace(str(server.server_port), "1") for key, value in server.variables.items()}
    with pytest.raises(UnreachedError, match=r"127\.0\.0\.1 does not answer"):
        write(current_pull_request(None, away), "uat", REPORT)


@pytest.mark.parametrize("word", sorted(HOSTS))
def test_every_missing_variable_is_named_at_once(word: str) -> None:
    with pytest.raises(SandboxError) as refused:
        current_pull_request(word, {})
    assert all(f"\n  {name}: " in str(refused.value) for name in HOSTS[word].needs)


def test_a_push_is_no_pull_request() -> None:
    variables = {**HostServer("github").variables, "GITHUB_REF": "refs/heads/main"}
    with pytest.raises(SandboxError, match="GITHUB_REF is refs/heads/main, which is no pull request"):
        current_pull_request(None, variables)


@pytest.mark.parametrize("server", ["github"], indirect=True)
def test_the_command_reads_the_report_from_a_file_or_a_pipe(
    server: HostServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**server.variables, "GITHUB_REF": "refs/heads/main"}.items():
        monkeypatch.setenv(name, value)
    report = tmp_path / "report.md"
    report.write_text(REPORT, encoding="utf-8")
    first = CliRunner().invoke(app, ["comment", "uat", str(report), "--number", "7"])
    assert (first.exit_code, first.stdout) == (0, "uat: the comment on GitHub is added\n")
    second = CliRunner().invoke(app, ["comment", "uat", "-", "--number", "7"], input=REPORT)
    assert (second.exit_code, second.stdout) == (0, "uat: the comment on GitHub is unchanged\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("uat", "nowhere.md"), 1, "nowhere.md cannot be read: No such file or directory"),
        (("uat", "-"), 1, "- is empty: there is nothing to say"),
        (
            ("uat", "README.md"),
            1,
            "The host of the pull request is not known here: add --host github|gitlab|gitee|codeup",
        ),
        (("uat", "README.md", "--host", "bitbucket"), 2, "must be one of github, gitlab, gitee, codeup"),
        (("uat", "README.md", "--host", "github"), 1, "GITHUB_TOKEN: a token with pull-requests: write"),
    ],
)
def test_bad_input_is_one_report(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = CliRunner().invoke(app, ["comment", *arguments], input="")
    assert result.exit_code == code
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
