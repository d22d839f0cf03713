"""The smoke check, by the real curl and servers with TLS on loopback: through the ALB's address, by the host's name."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.answering import answering
from tests.pipelines.steps import step

HOST = "gateway.uat.example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the host, which is its own authority, with its key."""
    file = tmp_path_factory.mktemp("certificate") / "host.pem"
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(file), "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *key, "-out", f"{file}.crt", *names], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


class Alb(ThreadingHTTPServer):
    """A listener that answers one status after the other, the last one for ever."""

    def __init__(self, certificate: Path, answers: Sequence[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        self.lock = threading.Lock()


class _Answer(BaseHTTPRequestHandler):
    server: Alb

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.asked.append((self.headers["Host"], self.path))
            status = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        self.send_header("Location", "https://elsewhere.example.com/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def alb(certificate: Path, *answers: int) -> Iterator[tuple[Alb, dict[str, str]]]:
    """A listener, and the variables of a step that asks it."""
    with answering(Alb(certificate, answers)) as server:
        address = f"127.0.0.1:{server.server_port}"
        yield server, {"SMOKE_ADDRESS": address, "CURL_CA_BUNDLE": f"{certificate}.crt"}


def test_g23_it_waits_through_502_until_the_service_answers_three_times_in_a_row(certificate: Path) -> None:
    with alb(certificate, 502, 200, 200, 502, 200) as (server, variables):
        done = step("smoke.sh", HOST, "/actuator/health", "120", variables=variables)
    assert done.returncode == 0, done.stderr
    assert [line.rpartition(" ")[2] for line in done.stdout.splitlines()] == ["502", "200", "502", "200"]
    assert server.asked == [(HOST, "/actuator/health")] * 7


def test_a_service_that_never_answers_ends_in_its_bound_and_the_last_answer_is_said(certificate: Path) -> None:
    begin = time.monotonic()
    with alb(certificate, 503) as (_, variables):
        done = step("smoke.sh", HOST, "health", "3", variables=variables)
    assert done.returncode == 1
    assert done.stderr == f"{HOST}/health: not healthy in 3 s; the last answer: 503\n"
    assert time.monotonic() - begin < 60


def test_a_redirect_is_not_healthy(certificate: Path) -> None:
    with alb(certificate, 302) as (_, variables):
        done = step("smoke.sh", HOST, "/", "1", variables=variables)
    assert done.returncode == 1
    assert "the last answer: 302" in done.stderr


def test_a_certificate_of_another_host_ends_it_at_once(certificate: Path) -> None:
    with alb(certificate, 200) as (server, variables):
        done = step("smoke.sh", "study.uat.example.com", "/", "120", variables=variables)
    assert done.returncode == 1
    assert "study.uat.example.com: its certificate is not accepted" in done.stderr
    assert server.asked == []


def test_a_certificate_that_nobody_vouches_for_ends_it_at_once(certificate: Path) -> None:
    with alb(certificate, 200) as (server, variables):
        done = step("smoke.sh", HOST, "/", "120", variables={"SMOKE_ADDRESS": variables["SMOKE_ADDRESS"]})
    assert done.returncode == 1
    assert "its certificate is not accepted" in done.stderr
    assert server.asked == []


def test_nothing_that_listens_is_waited_for_and_said(certificate: Path) -> None:
    variables = {"SMOKE_ADDRESS": "127.0.0.1:1", "CURL_CA_BUNDLE": f"{certificate}.crt"}
    done = step("smoke.sh", HOST, "/", "2", variables=variables)
    assert done.returncode == 1
    assert "the last answer: curl: (7)" in done.stderr


@pytest.mark.parametrize("arguments", [(), (HOST,), (HOST, "/", "long")])
def test_wrong_usage_is_said(arguments: tuple[str, ...]) -> None:
    done = step("smoke.sh", *arguments, variables={})
    assert done.returncode == 2
    assert "usage: pipelines/steps/smoke.sh HOST PATH [SECONDS]" in done.stderr
