"""`ackp notify`: one line to a group's robot, signed where the robot asks for it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.app import app
from pipelines.message import SECRET, URL, send
from pipelines.web import UnreachedError
from sandbox.problem import SandboxError
from tests.pipelines.servers import chat

LINE = "uat: 2 services restart, 0 replaced, 0 newly public"
ANSWERS = {"dingtalk": {"errcode": 0, "errmsg": "ok"}, "wecom": {"errcode": 0}, "feishu": {"code": 0, "msg": "success"}}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", URL, SECRET):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("dingtalk", {"msgtype": "text", "text": {"content": LINE}}),
        ("wecom", {"msgtype": "text", "text": {"content": LINE}}),
        ("feishu", {"msg_type": "text", "content": {"text": LINE}}),
    ],
)
def test_each_chat_gets_the_line_in_its_own_form(word: str, body: object) -> None:
    with chat(ANSWERS[word]) as server:
        assert send(LINE, {URL: server.address}, word) == word
    (message,) = server.sent
    assert message.body == body
    assert message.query == {"access_token": "key-of-the-robot"}


# Worked out with openssl: `printf '%s' … | openssl dgst -sha256 -hmac … -binary | base64`.
DINGTALK_SIGN = "59vZsOjkU+HGgaDE7l14G4I3K9U8HE8g2Vzn9FydvEM="
FEISHU_SIGN = "XprR1de+0SSBnwWyU/4k6x2TL+Q2SJlM5NNEdAv7MWg="


def test_dingtalk_is_signed_in_the_address_beside_the_key() -> None:
    with chat(ANSWERS["dingtalk"]) as server:
        send(LINE, {URL: server.address, SECRET: "SECabc"}, "dingtalk", now=lambda: 1_700_000_000.5)
    assert server.sent[0].query == {
        "access_token": "key-of-the-robot",
        "timestamp": "1700000000500",
        "sign": DINGTALK_SIGN,
    }


def test_feishu_is_signed_in_the_body() -> None:
    with chat(ANSWERS["feishu"]) as server:
        send(LINE, {URL: server.address, SECRET: "SECabc"}, "feishu", now=lambda: 1_700_000_000.5)
    assert server.sent[0].body == {
        "timestamp": "1700000000",
        "sign": FEISHU_SIGN,
        "msg_type": "text",
        "content": {"text": LINE},
    }


@pytest.mark.parametrize(
    ("word", "answer", "said"),
    [
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, r"keywords not in content \(310000\)"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, r"invalid webhook url \(93000\)"),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, r"sign match fail \(19021\)"),
        ("feishu", [], "refused the message"),
    ],
)
def test_a_chat_that_answers_200_and_refuses_is_a_failure(word: str, answer: object, said: str) -> None:
    with chat(answer) as server, pytest.raises(UnreachedError, match=said):
        send(LINE, {URL: server.address}, word)


def test_the_robots_address_is_never_shown() -> None:
    with pytest.raises(UnreachedError) as refused:
        send(LINE, {URL: "http://127.0.0.1:1/robot/send?access_token=key-of-the-robot"}, "dingtalk")
    assert "key-of-the-robot" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", f"{URL} is not set"),
        ("oapi.dingtalk.com/robot", "is no address"),
        ("https://chat.example.com/hook/1", "names chat.example.com, which tells no chat"),
    ],
)
def test_an_address_that_is_none_is_said(address: str, said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        send(LINE, {URL: address})


def test_the_command_sends_the_first_line_of_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    with chat(ANSWERS["wecom"]) as server:
        monkeypatch.setenv(URL, server.address)
        result = CliRunner().invoke(app, ["notify", "-", "--chat", "wecom"], input=f"\n{LINE}\n\n| service |\n")
    assert (result.exit_code, result.stdout) == (0, "sent to wecom\n")
    assert server.sent[0].body["text"] == {"content": LINE}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(("-",), 1, "the line is empty"), ((LINE, "--chat", "slack"), 2, "must be one of dingtalk, wecom, feishu")],
)
def test_bad_input_is_one_report(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = CliRunner().invoke(app, ["notify", *arguments], input="")
    assert result.exit_code == code
    assert said in " ".join(result.stderr.split())
