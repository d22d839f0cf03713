"""The standard streams of what runs in a container, over a websocket of the API server."""

from __future__ import annotations

import json
import select
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adopt.connection import STALL_SECONDS, Connection, UnreachableError

_STDIN, STDOUT, STDERR = 0, 1, 2
_STATUS = 3
"""Channels, the first byte of each message:
https://kubernetes.io/docs/reference/using-api/api-concepts/#websocket-connections"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended.

    Attributes:
        code: its exit code; None where it could not be begun.
        said: why it could not.
    """

    code: int | None
    said: str = ""


class Streams:
    """What runs in a container of a pod, as far as its standard streams tell.

    The library's own `stream` bends the client that it is given and takes Ctrl-C for an answer, so that only its
    connection is used.

    Args:
        connection: to the cluster.
        path: the pod's path, with the subresource that leads to the streams.
        query: what is asked of it.

    Attributes:
        outcome: how it ended; None until then.

    Raises:
        RefusedError: the API server refuses it.
        ClusterError: it does not answer, or does not accept the credentials.
    """

    def __init__(self, connection: Connection, path: str, query: Sequence[tuple[str, str]]) -> None:
        import websocket  # noqa: PLC0415 - takes long, and help does not need it
        from kubernetes import client  # noqa: PLC0415 - see above
        from kubernetes.stream import ws_client  # noqa: PLC0415 - see above

        self._connection = connection
        self._silent = websocket.WebSocketTimeoutException
        self._broken: tuple[type[Exception], ...] = (websocket.WebSocketException, OSError)
        self._close_code = websocket.ABNF.OPCODE_CLOSE
        self._messages = (websocket.ABNF.OPCODE_BINARY, websocket.ABNF.OPCODE_TEXT)
        self.outcome: Outcome | None = None
        asked = [*query, ("stdout", "true"), ("stderr", "true")]
        new: Any = client.ApiClient
        to: Any = ws_client.get_websocket_url
        make: Any = ws_client.create_websocket
        _, url, headers, *_ = new(connection.configuration).param_serialize(
            "GET", path, query_params=asked, header_params={}, auth_settings=["BearerToken"]
        )
        websocket.setdefaulttimeout(STALL_SECONDS)
        try:
            self._socket = make(connection.configuration, to(url), headers)
        except websocket.WebSocketBadStatusException as error:
            raise connection.refused(error.status_code or 0, error.resp_body or b"") from None
        except self._broken as error:
            raise connection.unreachable(error) from None

    def send(self, data: bytes) -> None:
        """Write to its standard input.

        Raises:
            UnreachableError: the connection broke.
        """
        self._socket.settimeout(STALL_SECONDS)
        try:
            self._socket.send_binary(bytes([_STDIN]) + data)
        except self._broken as error:
            raise self._connection.unreachable(error) from None

    def has_news(self, beside: int, seconds: float) -> tuple[bool, bool]:
        """Whether there may be something to receive, and something to read at a file descriptor.

        Args:
            beside: the file descriptor.
            seconds: how long to wait for either.
        """
        pending = getattr(self._socket.sock, "pending", None)  # what TLS has decrypted, the system knows nothing of
        buffered = pending is not None and pending() > 0
        own = self._socket.sock.fileno()
        ready, _, _ = select.select([own, beside], [], [], 0 if buffered else seconds)
        return buffered or own in ready, beside in ready

    def receive(self, seconds: float) -> tuple[int, bytes] | None:
        """The next piece of what it writes: the channel, and the bytes; None where there was none, or it has ended.

        Args:
            seconds: how long to wait for one.

        Raises:
            UnreachableError: the connection broke.
        """
        if self.outcome is not None:
            return None
        self._socket.settimeout(seconds)
        try:
            code, frame = self._socket.recv_data_frame(control_frame=True)
        except self._silent:
            return None
        except self._broken as error:
            raise self._connection.unreachable(error) from None
        if code == self._close_code:  # before it said how it ended
            raise UnreachableError(
                f"The API server {self._connection.server} ended the connection to the command",
                said=frame.data[2:].decode(errors="replace"),
            )
        if code not in self._messages or not frame.data:  # a ping, which the library has answered
            return None
        channel, data = frame.data[0], frame.data[1:]
        if channel == _STATUS:
            self.outcome = _outcome(data)
        return (channel, data) if channel in (STDOUT, STDERR) and data else None

    def close(self) -> None:
        """End the connection. What still runs is not ended by it, but nobody reads what it writes."""
        self._socket.close(timeout=1)


class Exec(Streams):
    """A command that runs in a container of a pod.

    Args:
        connection: to the cluster.
        pod: the pod's path.
        container: the container's name.
        command: program and arguments.

    Raises:
        RefusedError: as for `Streams`, and so for `ClusterError`.
    """

    def __init__(self, connection: Connection, pod: str, container: str, command: Sequence[str]) -> None:
        query = [("container", container), *(("command", word) for word in command)]
        super().__init__(connection, f"{pod}/exec", query)


class Attached(Streams):
    """The process of a container that has a standard input, which ends with the connection where `stdinOnce` is set.

    Args:
        connection: to the cluster.
        pod: the pod's path.
        container: the container's name.

    Raises:
        RefusedError: as for `Streams`, and so for `ClusterError`.
    """

    def __init__(self, connection: Connection, pod: str, container: str) -> None:
        super().__init__(connection, f"{pod}/attach", [("container", container), ("stdin", "true")])


def _outcome(data: bytes) -> Outcome:
    """How it ended, by https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/."""
    status = json.loads(data)
    if status.get("status") == "Success":
        return Outcome(0)
    causes = (status.get("details") or {}).get("causes") or ()
    codes = [each["message"] for each in causes if each.get("reason") == "ExitCode"]
    return Outcome(int(codes[0])) if codes else Outcome(None, str(status.get("message", "")))
