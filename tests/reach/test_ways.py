"""What the real curl finds, and which cause and mend are told of it."""

from __future__ import annotations

import pytest

import reach.probe
from config import StackSettings
from reach.destination import TCP_ONLY, Destination
from reach.probe import answer
from reach.steps import Step, Way
from sandbox.problem import SandboxError
from tests.reach.servers import asked, full, saying, unused
from tests.settings import REMOVED, settings

ANSWERED = b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n"


def local(port: int, scheme: str = "http", service: str | None = None) -> Destination:
    path = "" if scheme == TCP_ONLY else "/"
    return Destination(scheme, "127.0.0.1", port, path, service)


def steps(destination: Destination, ready: int = 0, stack: StackSettings | None = None) -> list[Step]:
    return Way(stack or settings("uat"), "study", destination, asked(destination), ready).steps()


def failed(destination: Destination, ready: int = 0, stack: StackSettings | None = None) -> Step:
    """The step that failed; all before it were reached."""
    *before, last = steps(destination, ready, stack)
    assert all(each.reached for each in before)
    assert not last.reached
    assert last.mend
    assert last.said
    return last


@pytest.mark.parametrize(("status", "words"), [(200, "200: answers"), (404, "404: answers, though not with what was")])
def test_a_status_below_500_is_an_answer(status: int, words: str) -> None:
    with saying(ANSWERED % status) as port:
        found = steps(local(port))
    assert [each.name for each in found] == ["TCP", "HTTP"]
    assert all(each.reached and each.milliseconds is not None for each in found)
    assert found[-1].said.startswith(words)


@pytest.mark.parametrize(
    ("status", "cause"),
    [(500, "the program is reached, and fails at this request"), (503, "no healthy program behind it")],
)
def test_a_status_from_500_on_is_a_failure(status: int, cause: str) -> None:
    with saying(ANSWERED % status) as port:
        step = failed(local(port, service="gateway"), ready=1)
    assert (step.name, step.said) == ("HTTP", str(status))
    assert cause in step.cause
    assert "ackp logs gateway --stack uat" in step.mend


def test_a_connection_that_is_closed_without_an_answer_is_an_empty_reply() -> None:
    with saying(b"") as port:
        step = failed(local(port))
    assert step.name == "HTTP"
    assert step.said == "Empty reply from server"
    assert f"https://127.0.0.1:{port}" in step.mend


def test_a_server_that_keeps_silent_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach.probe, "ANSWER_SECONDS", 1)
    with saying(None) as port:
        step = failed(local(port))
    assert step.name == "HTTP"
    assert "does not answer: it hangs" in step.cause


def test_a_server_that_keeps_silent_is_connected_to_where_nothing_more_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reach.probe, "CONNECT_SECONDS", 1)
    with saying(None) as port:
        (step,) = steps(local(port, TCP_ONLY))
    assert step.reached
    assert step.said == "connected to 127.0.0.1"


def test_what_speaks_no_tls_is_told_as_that() -> None:
    with saying(ANSWERED % 400) as port:
        step = failed(local(port, "https"))
    assert step.name == "TLS"
    assert "does not speak TLS" in step.cause
    assert f"http://127.0.0.1:{port}" in step.mend


def test_a_refusal_of_a_host_is_a_port_that_nobody_listens_on() -> None:
    step = failed(local(unused(), TCP_ONLY))
    assert step.name == "TCP"
    assert "no program listens on that port" in step.cause


@pytest.mark.parametrize(
    ("ready", "cause", "mend"),
    [
        (0, "no pod of gateway is ready", "`ackp watch uat gateway`"),
        (2, "gateway does not listen on that port", "`services.gateway.port`"),
    ],
)
def test_a_refusal_of_a_service_depends_on_its_pods(ready: int, cause: str, mend: str) -> None:
    step = failed(local(unused(), service="gateway"), ready)
    assert step.cause == cause
    assert mend in step.mend


def test_a_name_that_is_none_is_told_before_anything_else() -> None:
    step = failed(Destination(TCP_ONLY, "nacos.invalid", 8848))
    assert step.name == "DNS"
    assert step.said == "Could not resolve host: nacos.invalid"
    assert "private zone" in step.mend
    step = failed(Destination("http", "gateway.invalid", 80, "/", "gateway"))
    assert "there is no Service gateway.invalid in the namespace uat" in step.cause


def test_a_connection_that_nobody_takes_is_what_default_deny_does_where_no_policy_lets_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reach.probe, "CONNECT_SECONDS", 1)
    with full() as port:
        step = failed(local(port, TCP_ONLY))
        assert step.name == "TCP"
        assert step.cause == f"default-deny stops it: no policy of the stack lets study out to 127.0.0.1 port {port}"
        assert f"`{{ cidr: 127.0.0.1/32, ports: [{port}] }}` in `services.study.egress` of Pulumi.uat.yaml" in step.mend
        wide = settings("uat", {"environment.networkPolicies.egress": [{"cidr": "127.0.0.0/8"}]})
        step = failed(local(port, TCP_ONLY), stack=wide)
        assert step.cause == "the NetworkPolicy allow-egress lets it out, so that something else stops it"
        assert "whitelist" in step.mend
        step = failed(local(port, service="gateway"), ready=1)
        assert step.cause == "the NetworkPolicy allow-namespace lets it out, so that something else stops it"
        none = settings("uat", {"environment.networkPolicies": REMOVED, "services.oauth2.egress": REMOVED})
        step = failed(local(port, TCP_ONLY), stack=none)
        assert step.cause == "the stack has no NetworkPolicies, so that something else stops it"


def test_an_address_of_the_internet_needs_a_way_out() -> None:
    text = "*   Trying 203.0.114.9:443...\n\nreached 000 0.1 0.0 0.0 0.0 \ncurl: (28) Connection timed out"
    stack = settings("test")
    out = Destination("https", "sms.example.com", 443, "/")
    found = Way(stack, "study", out, answer(28, text, 443)).steps()
    assert [each.name for each in found] == ["DNS", "TCP"]
    assert "NAT gateway or `services.study.eip`" in found[-1].mend
    found = Way(stack, "oauth2", out, answer(28, text, 443)).steps()
    assert "NAT gateway" not in found[-1].mend


@pytest.mark.parametrize("code", [51, 60, 77])
def test_a_certificate_that_is_not_trusted_fails_the_step_of_tls(code: int) -> None:
    text = (
        "*   Trying [2001:db8::1]:443...\n\nreached 000 0.1 0.2 0.3 0.0 2001:db8::1\n"
        f"curl: ({code}) SSL certificate problem: certificate has expired"
    )
    out = Destination("https", "pay.example.com", 443, "/")
    found = Way(settings("test"), "study", out, answer(code, text, 443)).steps()
    assert [each.name for each in found] == ["DNS", "TCP", "TLS"]
    assert found[0].said == "pay.example.com is 2001:db8::1"
    assert (found[-1].said, found[-1].reached) == ("SSL certificate problem: certificate has expired", False)
    assert "cacerts" in found[-1].mend


def test_a_curl_that_cannot_ask_is_no_step_of_the_way() -> None:
    with pytest.raises(SandboxError, match='exit code is 1, and it says: Protocol "telnet" not supported'):
        answer(1, 'curl: (1) Protocol "telnet" not supported or disabled in libcurl', 80)
    with pytest.raises(SandboxError, match="exit code is 137, and it says: nothing"):
        answer(137, "", 80)
