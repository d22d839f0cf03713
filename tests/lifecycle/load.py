"""A steady load of GET requests: so many a second, however long the answers take."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

_WORKERS = 24
_TIMEOUT = Timeout(connect=3.0, read=10.0)


@dataclass(frozen=True)
class Backend:
    """Where a request can go.

    Attributes:
        uid: Who is behind the address; another pod on the same address gets connections of its own.
        host: Its IP address.
        port: Its TCP port.
    """

    uid: str
    host: str
    port: int


@dataclass(frozen=True)
class Answer:
    """What became of one request.

    Attributes:
        due: When it was to be sent, in seconds since the load began.
        end: When its answer was there, or given up.
        failure: Why it counts as failed; empty after an answer of 200.
        said: The answer's text.
    """

    due: float
    end: float
    failure: str
    said: str = ""


@dataclass(frozen=True)
class Summary:
    """The answers of a load in numbers.

    Attributes:
        requests: How many were sent.
        failures: How many failed.
        stall: The longest time, in seconds, that a caller had to wait for one good answer after another was due.
        reasons: How often each reason of failing occurred.
    """

    requests: int
    failures: int
    stall: float
    reasons: dict[str, int]


class Load:
    """Sends requests at a steady rate. A late answer does not hold back the next request.

    No request is sent a second time: a retry would hide what is to be counted.

    Args:
        choose: Gives the backend of the next request; None if there is none, which is a failure.
        path: The path to get.
        rate: Requests a second.
    """

    def __init__(self, choose: Callable[[], Backend | None], path: str, rate: float) -> None:
        self._choose = choose
        self._path = path
        self._rate = rate
        self._answers: list[Answer] = []
        self._turn = itertools.count()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._pools: dict[str, HTTPConnectionPool] = {}
        self._begin = 0.0

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Send requests while the block runs."""
        self._begin = time.monotonic()
        workers = [threading.Thread(target=self._work, name=f"load-{number}") for number in range(_WORKERS)]
        for worker in workers:
            worker.start()
        try:
            yield self
        finally:
            self._stop.set()
            for worker in workers:
                worker.join()
            for pool in self._pools.values():
                pool.close()

    @property
    def now(self) -> float:
        """Seconds since the load began."""
        return time.monotonic() - self._begin

    def answers(self, since: float = 0.0) -> list[Answer]:
        """What became of the requests that were due since then, in their order."""
        return sorted((each for each in list(self._answers) if each.due >= since), key=lambda each: each.due)

    def _work(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                due = next(self._turn) / self._rate
            if self._stop.wait(max(0.0, due - self.now)):
                return
            failure, said = self._ask()
            self._answers.append(Answer(due, self.now, failure, said))

    def _ask(self) -> tuple[str, str]:
        backend = self._choose()
        if backend is None:
            return "no backend", ""
        with self._lock:
            pool = self._pools.get(backend.uid)
            if pool is None:
                pool = self._pools[backend.uid] = HTTPConnectionPool(
                    backend.host, backend.port, timeout=_TIMEOUT, maxsize=_WORKERS, retries=False
                )
        try:
            answer = pool.request("GET", self._path)
        except HTTPError as error:
            return type(error).__name__, ""
        said = answer.data.decode(errors="replace")
        return ("" if answer.status == 200 else f"status {answer.status}"), said


def summary(answers: list[Answer]) -> Summary:
    """Count answers."""
    reasons: dict[str, int] = {}
    stall = 0.0
    last_good = answers[0].due if answers else 0.0
    for each in sorted(answers, key=lambda each: each.end):
        if each.failure:
            reasons[each.failure] = reasons.get(each.failure, 0) + 1
        else:
            stall = max(stall, each.end - last_good)
            last_good = each.end
    return Summary(len(answers), sum(reasons.values()), stall, dict(sorted(reasons.items())))
