"""A connection to the API server of a live cluster: every wait has a bound, every failure is one report."""

from __future__ import annotations

import difflib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from adopt.snapshot import Object

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
JSON = "application/json-patch+json"
"""Forms of a patch: https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply"""

CONNECT_SECONDS = 5.0
STALL_SECONDS = 30.0
"""How long a server may say nothing before it counts as gone."""

_ERRORS, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 400, 401, 403, 404
_PIECE = 65536
_ANONYMOUS = 'User "system:anonymous"'
_DOWNLOAD = "download a new one: ACK console, the cluster, Connection Information (连接信息)"


class ClusterError(Exception):
    """The cluster cannot be read; the text is the complete report.

    Args:
        what: What is wrong, as one sentence without its full stop.
        said: What the server, or this machine, says about it.
        mend: What to do.

    Attributes:
        what: The same.
        said: The same.
    """

    def __init__(self, what: str, *, said: str = "", mend: str = "") -> None:
        self.what, self.said = what, said
        lines = [f"    {label:<6} {text}" for label, text in (("said", said), ("mend", mend)) if text]
        super().__init__("\n".join([f"{what}; nothing was changed.", *lines]))


class UnreachableError(ClusterError):
    """The API server does not answer; it may later."""


class RefusedError(Exception):
    """The API server answered with an error.

    Args:
        status: The HTTP status.
        said: Its words.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status

    @property
    def forbidden(self) -> bool:
        """Whether the account may not."""
        return self.status == _FORBIDDEN

    @property
    def missing(self) -> bool:
        """Whether there is no such object, or no such kind."""
        return self.status == _NOT_FOUND


class Connection:
    """A connection to the cluster of a kubeconfig's context.

    Args:
        kubeconfig: The file; `~` is expanded.
        context: The context's name; the file's current one if left out.

    Attributes:
        server: The API server's address.
        names: How the file calls the context, its cluster and its user.
        configuration: The client's, for whatever needs a client of its own.

    Raises:
        ClusterError: The file is missing or no kubeconfig, or it has no such context.
    """

    def __init__(self, kubeconfig: Path, context: str | None = None) -> None:
        from kubernetes import client, config  # noqa: PLC0415 - takes long, and `ackp check` does not need it

        path = kubeconfig.expanduser()
        self.names = _chosen(path, context)
        self._where = f"{path}, context {self.names[0]}"
        configuration: Any = client.Configuration()
        load: Any = config.load_kube_config
        told = _Told()
        try:
            with told:
                load(str(path), context=context, client_configuration=configuration, persist_config=False)
        except Exception as error:  # noqa: BLE001 - the loader lets through whatever a broken entry, file or plug-in raises
            said = " ".join(str(error).split())
            raise ClusterError(f"The kubeconfig {self._where} cannot be used", said=said, mend=_DOWNLOAD) from None
        if told.errors:  # a plug-in that fails is only logged, and every request would go without credentials
            what = f"The kubeconfig {self._where} gives no credentials"
            raise ClusterError(what, said="; ".join(told.errors), mend="run the plug-in that its user names by hand")
        configuration.retries = False  # the library would log each try
        connection: Any = client.ApiClient
        self._api = connection(configuration)
        self.server: str = configuration.host
        self.configuration = configuration

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Object:
        """What the server has at a path.

        Raises:
            RefusedError: It answered with an error.
            ClusterError: It does not answer, or does not accept the credentials.
        """
        return self._answer("GET", path, query)

    def patch(
        self, path: str, body: Object | list[Object], form: str, query: Mapping[str, str] | None = None
    ) -> Object:
        """PATCH what is at a path; what the server has then, or would have with `dryRun`.

        Args:
            path: The object's.
            body: The patch.
            form: Its content type: `MERGE`, `APPLY` or `JSON`.
            query: Options: `dryRun`, `fieldManager`, `force`.

        Raises:
            RefusedError: The server answered with an error.
            ClusterError: It does not answer, or does not accept the credentials.
        """
        return self._answer("PATCH", path, query, body, {"Content-Type": form})

    def post(self, path: str, body: Object) -> Object:
        """POST an object; what the server has then. Errors as for `patch`."""
        return self._answer("POST", path, None, body)

    def delete(self, path: str, body: Object) -> Object:
        """DELETE what is at a path, with options such as `propagationPolicy`. Errors as for `patch`."""
        return self._answer("DELETE", path, None, body)

    def removal_failure(self, path: str, body: Object) -> str:
        """DELETE what is at a path, as `delete` does; why it may still be there, in one line, empty if it is gone."""
        try:
            self.delete(path, body)
        except RefusedError as error:
            return "" if error.missing else str(error)
        except ClusterError as error:
            return str(error).splitlines()[0]
        return ""

    def stream(self, path: str, query: Mapping[str, str] | None = None, *, endless: bool = False) -> Iterator[bytes]:
        """The bytes of an answer as they come, in pieces of at most 64 KiB.

        Args:
            path: Where to.
            query: Options.
            endless: Whether silence is part of it: a server that says nothing for `STALL_SECONDS` ends the answer then,
                and is no error.

        Raises:
            RefusedError: The server answered with an error.
            ClusterError: It does not accept the credentials.
            UnreachableError: It does not answer, or stops in the middle.
        """
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - see above
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 - see above

        try:
            response = self._request("GET", path, query).response
            if response.status >= _ERRORS:
                raise self.refused(response.status, response.data)
            try:
                while piece := response.read1(_PIECE):
                    yield piece
            finally:
                response.close()  # it is not read to its end where its reader has enough
        except ReadTimeoutError as error:
            if not endless:
                raise self.unreachable(error) from None
        except (HTTPError, ApiException, OSError) as error:
            raise self.unreachable(error) from None

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Object | list[Object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Object:
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - see above
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - see above

        tries = 2 if method == "GET" else 1  # a kept connection may have been closed meanwhile
        for left in reversed(range(tries)):
            try:
                response = self._request(method, path, query, body, headers)
                status, content = response.status, response.read()
                break
            except (HTTPError, ApiException, OSError) as error:
                if not left:
                    raise self.unreachable(error) from None
        if status < _ERRORS:
            return self._decoded(content)
        raise self.refused(status, content)

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Object | list[Object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - the client's own response, of no public type
        request = self._api.param_serialize(
            method,
            path,
            query_params=list((query or {}).items()),
            header_params={"Accept": "application/json, */*", **(headers or {})},
            body=body,
            auth_settings=["BearerToken"],
        )
        return self._api.call_api(*request, _request_timeout=(CONNECT_SECONDS, STALL_SECONDS))

    def refused(self, status: int, content: bytes) -> Exception:
        """What to raise for an answer with an error: a `RefusedError`, or a `ClusterError` for the credentials.

        Args:
            status: Its HTTP status.
            content: Its body.
        """
        said = _words(content)
        if status == _UNAUTHORIZED or _ANONYMOUS in said:
            return ClusterError(
                f"The API server {self.server} does not accept the credentials of {self._where}",
                said=said,
                mend=f"they have expired, were revoked or are none; {_DOWNLOAD}",
            )
        return RefusedError(status, said)

    def _decoded(self, body: bytes) -> Object:
        try:
            return dict(json.loads(body))
        except (ValueError, TypeError):
            raise ClusterError(
                f"What answers at {self.server} of {self._where} is no API server",
                said=_words(body),
                mend="check the address, and the proxies between",
            ) from None

    def unreachable(self, error: Exception) -> UnreachableError:
        """What to raise for a connection that broke, or never was."""
        return UnreachableError(
            f"The API server {self.server} of {self._where} does not answer",
            said=_cause(error),
            mend="check that this machine reaches that address: VPN, proxy, whitelist, or the kubeconfig for the other"
            " (public or internal) endpoint",
        )


class _Told(logging.Handler):
    """Takes what the client logs as an error while a `with` block runs, instead of the terminal.

    Attributes:
        errors: The messages.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(" ".join(record.getMessage().split()))

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """`did you mean …?` with the nearest of the known names, or all of them where none is near."""
    names = sorted(known)
    if close := difflib.get_close_matches(wrong, names, n=1):
        return f"did you mean {close[0]}?"
    return f"there is {', '.join(names)}" if names else ""


def _chosen(path: Path, context: str | None) -> tuple[str, ...]:
    """The names of the context, its cluster and its user.

    This looks into the file first: what the client says about a bad one helps nobody.
    """
    import yaml  # noqa: PLC0415 - see above

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        said = error.strerror or str(error)
        raise ClusterError(f"The kubeconfig {path} cannot be read", said=said, mend=_DOWNLOAD) from None
    except (UnicodeDecodeError, yaml.YAMLError):  # the text may quote a credential
        raise ClusterError(f"The kubeconfig {path} is no YAML", mend=_DOWNLOAD) from None
    if not isinstance(content, dict) or not isinstance(content.get("contexts"), list):
        raise ClusterError(f"The file {path} is no kubeconfig: it has no contexts", mend=_DOWNLOAD)
    known = {str(each.get("name")): each.get("context") for each in content["contexts"] if isinstance(each, dict)}
    chosen = context or str(content.get("current-context") or "")
    if chosen not in known:
        what = (
            f"The kubeconfig {path} has no context {chosen}"
            if chosen
            else f"The kubeconfig {path} has no current context"
        )
        raise ClusterError(what, mend=nearest(chosen, known))
    inner = known[chosen]
    parts = inner if isinstance(inner, dict) else {}
    return chosen, *(str(parts[part]) for part in ("cluster", "user") if part in parts)


def _words(body: bytes) -> str:
    """The message of the Status that the server answered with, or the beginning of whatever a proxy said.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return " ".join(body[:200].decode(errors="replace").split())


def _cause(error: Exception) -> str:
    """The innermost reason, in the system's words where it has some."""
    from urllib3.exceptions import ReadTimeoutError  # noqa: PLC0415 - see above

    if isinstance(error, ReadTimeoutError):
        return f"no word within {STALL_SECONDS:.0f} s"
    inner = error.__cause__ or error.__context__
    if isinstance(inner, TimeoutError):
        return f"no connection within {CONNECT_SECONDS:.0f} s"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return " ".join(str(error).split())
