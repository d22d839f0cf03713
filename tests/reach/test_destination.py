"""What TO may be, and what it may not."""

from __future__ import annotations

import pytest

from reach.destination import TCP_ONLY, Destination, elsewhere, of_service, stated_service
from reach.policies import lets_out
from sandbox.problem import SandboxError
from tests.settings import settings

PODS = [
    {"metadata": {"name": "oauth2-b"}, "status": {"podIP": "10.1.0.9"}},
    {"metadata": {"name": "oauth2-a"}},
]


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("10.3.1.5:3306", Destination(TCP_ONLY, "10.3.1.5", 3306)),
        ("nacos.example.internal:8848", Destination(TCP_ONLY, "nacos.example.internal", 8848)),
        ("[2001:db8::1]:443", Destination(TCP_ONLY, "2001:db8::1", 443)),
        ("https://pay.example.com", Destination("https", "pay.example.com", 443, "/")),
        ("http://10.3.1.5:8080/a?b=c", Destination("http", "10.3.1.5", 8080, "/a?b=c")),
    ],
)
def test_a_host_with_a_port_is_connected_to_and_a_url_is_asked(to: str, found: Destination) -> None:
    assert elsewhere(settings(), to) == found


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (
            "gatewya",
            "gatewya is no service of the stack uat, did you mean gateway? For a host say its port: gatewya:443",
        ),
        ("nacos:0", "0 is no port; one is a number from 1 to 65535"),
        ("nacos:99999", "nacos:99999 cannot be asked: Port out of range 0-65535"),
        ("nacos:", "nacos: is no service"),
        (":80", "it is neither a service, nor HOST:PORT, nor a URL"),
        ("a b:80", "it is neither a service, nor HOST:PORT, nor a URL"),
        ("nacos:80/x", "put http:// or https:// before a path"),
        ("ftp://nacos", "of URLs http:// and https:// can"),
        ("http://[::1", "Invalid IPv6 URL"),
    ],
)
def test_anything_else_is_refused_with_what_to_type_instead(to: str, said: str) -> None:
    with pytest.raises(SandboxError) as refused:
        elsewhere(settings(), to)
    assert said in str(refused.value)


def test_a_url_with_a_login_is_refused_and_not_repeated() -> None:
    with pytest.raises(SandboxError) as refused:
        elsewhere(settings(), "https://user:very-secret@pay.example.com/")
    assert "very-secret" not in str(refused.value)


def test_a_service_is_asked_by_its_service_object_and_without_one_a_pod_of_it_is() -> None:
    stack = settings()
    assert stated_service(stack, "gateway") == "gateway"
    assert stated_service(stack, "gateway:81") == "gateway"
    assert stated_service(stack, "gateway.uat:80") is None
    found = of_service(stack, "gateway", "gateway:81", [])
    assert (found.host, found.port, found.service) == ("gateway", 81, "gateway")
    found = of_service(stack, "oauth2", "oauth2", PODS)
    assert (found.host, found.port) == ("10.1.0.9", stack.services["oauth2"].port)
    assert found.note == "oauth2 has no Service: its pod oauth2-b is asked, as callers are told by Nacos"
    with pytest.raises(SandboxError, match="neither a Service nor a pod with an address"):
        of_service(stack, "oauth2", "oauth2", [])
    with pytest.raises(SandboxError, match="x is no port"):
        of_service(stack, "gateway", "gateway:x", [])


@pytest.mark.parametrize(
    ("service", "address", "port", "policy"),
    [
        ("study", "10.3.0.7", 8848, "allow-nacos"),
        ("study", "10.3.0.7", 9848, "allow-nacos"),
        ("study", "10.3.0.7", 80, None),
        ("study", "10.3.1.7", 3306, "allow-egress"),
        ("study", "10.3.1.7", 3307, None),
        ("study", "10.1.0.7", 2049, "allow-nas"),
        ("study", "203.0.114.9", 443, None),
        ("study", "2001:db8::1", 443, None),
        ("oauth2", "203.0.114.9", 443, "oauth2"),
        ("oauth2", "203.0.114.9", 80, None),
    ],
)
def test_the_policy_that_lets_a_service_out_is_the_one_that_the_stack_would_apply(
    service: str, address: str, port: int, policy: str | None
) -> None:
    assert lets_out(settings("uat"), service, address, port, inside=False) == policy


def test_a_pod_of_the_same_namespace_is_let_out_to() -> None:
    assert lets_out(settings("uat"), "study", "10.96.0.7", 80, inside=True) == "allow-namespace"
