"""What counts the requests: it must not lose one, hide one, or send one twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.answering import answering
from tests.lifecycle.load import Answer, Backend, Load, summary

RATE = 50
"""Requests a second."""


class Server(ThreadingHTTPServer):
    """Answers as its attributes say, and counts."""

    status = 200
    pause = 0.0
    hang_up = False
    asked = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        time.sleep(self.server.pause)
        if self.server.hang_up:
            self.close_connection = True
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"me")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with answering(Server(("127.0.0.1", 0), _Handler)) as found:
        yield found


@contextmanager
def load(server: Server | None) -> Iterator[Load]:
    backend = Backend("a", "127.0.0.1", server.server_port) if server else None
    with Load(lambda: backend, "/", RATE).running() as found:
        yield found


def sent(found: Load, count: int) -> list[Answer]:
    """The answers once the first so many requests have theirs. A later request may be answered before one of them."""
    deadline = time.monotonic() + 30
    while sum(each.due * RATE < count for each in found.answers()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found.answers()


def test_every_request_is_sent_once_and_its_answer_is_kept(server: Server) -> None:
    with load(server) as found:
        sent(found, 100)
    answers = found.answers()
    assert server.asked == len(answers)
    assert {(each.failure, each.said) for each in answers} == {("", "me")}
    assert [round(each.due * RATE) for each in answers] == list(range(len(answers)))


def test_a_slow_answer_does_not_hold_back_the_next_request(server: Server) -> None:
    server.pause = 0.4
    with load(server) as found:
        answers = sent(found, 40)
    assert min(each.end - each.due for each in answers) >= 0.4
    assert answers[39].due == pytest.approx(39 / RATE)
    assert answers[39].end < 39 / RATE + 5


@pytest.mark.parametrize(("status", "reason"), [(503, "status 503"), (302, "status 302")])
def test_any_status_but_200_is_a_failure(server: Server, status: int, reason: str) -> None:
    server.status = status
    with load(server) as found:
        answers = sent(found, 10)
    assert {each.failure for each in answers} == {reason}


def test_a_connection_that_is_cut_is_a_failure_and_no_second_request(server: Server) -> None:
    server.hang_up = True
    with load(server) as found:
        sent(found, 10)
    assert server.asked == len(found.answers())
    assert {each.failure for each in found.answers()} == {"ProtocolError"}


def test_nobody_there_is_a_failure() -> None:
    with load(None) as found:
        assert {each.failure for each in sent(found, 10)} == {"no backend"}


def test_the_summary_counts_and_finds_the_longest_wait() -> None:
    answers = [Answer(0.0, 0.1, ""), Answer(0.5, 0.6, "status 500"), Answer(1.0, 3.0, ""), Answer(1.5, 1.6, "")]
    found = summary(answers)
    assert (found.requests, found.failures, found.reasons) == (4, 1, {"status 500": 1})
    assert found.stall == pytest.approx(1.5)
