"""The logs of a service's pods as they are written: pods that come and go, containers that start anew."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

from adopt.connection import ClusterError, RefusedError, UnreachableError
from pod_logs.line import Line
from pod_logs.service_pods import ServicePods, Wanted, words

LOOK_SECONDS = 3.0
"""How often the list of pods is read again."""
_WAITING = 1000
"""Lines in memory; whoever would add one waits."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 5.0


class Note(str):
    """What is to be told between the lines."""

    __slots__ = ()


class Following:
    """The lines of a service's pods from now on, and what happens to the pods meanwhile.

    Each pod has a thread, which begins anew where its container did or where the connection broke. The threads end
    with the program.

    Args:
        pods: the service's pods.
        wanted: which lines there already are.
    """

    def __init__(self, pods: ServicePods, wanted: Wanted) -> None:
        self._pods, self._wanted = pods, wanted
        self._queue: queue.Queue[Line | Note | ClusterError] = queue.Queue(_WAITING)
        self._there: set[str] = set()

    def lines(self, names: list[str]) -> Iterator[Line | Note]:
        """The lines, and the notes between them, without an end.

        Args:
            names: the pods that there are.

        Raises:
            ClusterError: the API server no longer accepts the credentials, or the account may not.
        """
        self._see(names)
        threading.Thread(target=self._look, daemon=True).start()
        while True:
            found = self._queue.get()
            if isinstance(found, ClusterError):
                raise found
            yield found

    def _see(self, names: list[str], *, later: bool = False) -> None:
        before, self._there = self._there, set(names)
        for gone in sorted(before - self._there):
            self._queue.put(Note(f"{gone}: gone"))
        for pod in sorted(self._there - before):
            if later:
                self._queue.put(Note(f"{pod}: new"))
            threading.Thread(target=self._follow, args=(pod,), daemon=True).start()

    def _look(self) -> None:
        away = False
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                names = self._pods.names()
            except UnreachableError as error:
                if not away:
                    self._queue.put(Note(f"{error.what}: {error.said}. Trying again"))
                away = True
            except ClusterError as error:
                self._queue.put(error)
                return
            else:
                if away:
                    self._queue.put(Note("The API server answers again"))
                away = False
                self._see(names, later=True)

    def _follow(self, pod: str) -> None:
        resumed = last = told = ""
        pause = _FIRST_PAUSE
        query = {**self._wanted.query, "follow": "true"}
        while pod in self._there:
            try:
                for line in self._pods.lines(pod, query, endless=True):
                    if line.time > resumed or not resumed:  # asked for by the second, so some come twice
                        self._queue.put(line)
                        last, pause = line.time, _FIRST_PAUSE
            except RefusedError as error:
                if words(error) != told and not error.missing:
                    told = words(error)
                    self._queue.put(Note(f"{pod}: {told}"))
            except UnreachableError:
                pass  # the list of pods is not read either, which is told once for all of them
            except ClusterError as error:
                self._queue.put(error)
                return
            if last:
                resumed = last
                query = {"follow": "true", "sinceTime": f"{last.partition('.')[0]}{_zone(last)}"}
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _zone(time: str) -> str:
    """The end of a time: `Z`, or `+08:00`."""
    return time[-6:] if time[-6] in "+-" else "Z"
