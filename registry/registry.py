"""A container registry, asked which tags a repository has and which image a tag names. Nothing is written there.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, and for the token
https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException

from registry.credentials import Login, login_of
from registry.problem import RegistryError
from sandbox.network import connect_seconds, within_bounds

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')
_A_PAGE, _MOST_PAGES = 1000, 100
_MOST_BYTES = 16 * 1024 * 1024
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """A registry, with the login of Docker's configuration file.

    Args:
        host: Host, with its port if it has one. TLS is left out on this machine's own addresses only, as Docker does.
        named: The host under which images name the registry, where that is another one.
        otherwise: The login where Docker has none.
    """

    def __init__(self, host: str, named: str | None = None, otherwise: Login | None = None) -> None:
        self.host = host
        self._scheme = "http" if _is_here(host) else "https"
        self._login = login_of(host)
        if self._login.basic is None and named not in (None, host):
            other = login_of(str(named))
            self._login = other if other.basic else self._login
        if self._login.basic is None and otherwise is not None and otherwise.basic:
            self._login = otherwise
        self._authorization: dict[str, str] = {}
        self._silent = ""

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository; none where the registry has no such repository.

        Raises:
            RegistryError: It cannot be asked.
        """
        place, found = f"/v2/{repository}/tags/list?n={_A_PAGE}", []
        for _ in range(_MOST_PAGES):
            answer = self._ask("GET", place, repository)
            if answer.status == HTTPStatus.NOT_FOUND:
                return []
            found += self._listed(answer)
            following = _LINK.search(answer.headers.get("link", ""))
            if following is None:
                return found
            parts = urllib.parse.urlsplit(urllib.parse.urljoin(place, following[1]))
            place = f"{parts.path}?{parts.query}"  # whatever host it names, this one is asked
        raise RegistryError(f"{self.host} has more than {_A_PAGE * _MOST_PAGES} tags of {repository}")

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest of the image that a tag or digest names; None where the registry has none.

        Raises:
            RegistryError: It cannot be asked.
        """
        place = f"/v2/{repository}/manifests/{urllib.parse.quote(reference, safe=':')}"
        answer = self._ask("HEAD", place, repository, {"Accept": ", ".join(_MANIFESTS)})
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        digest = answer.headers.get("docker-content-digest", "")
        if not _DIGEST.fullmatch(digest):
            raise RegistryError(f"{self.host} does not say the digest of {repository}:{reference}")
        return digest

    def _listed(self, answer: _Answer) -> list[str]:
        try:
            tags = json.loads(answer.body)["tags"]
            return [str(tag) for tag in tags or ()]
        except (ValueError, TypeError, KeyError):
            raise RegistryError(f"what answers at {self.host} is no container registry") from None

    def _ask(self, method: str, place: str, repository: str, headers: Mapping[str, str] | None = None) -> _Answer:
        if self._silent:  # who did not answer in time is not waited for again, for each service of a stack
            raise RegistryError(self._silent)
        url = f"{self._scheme}://{self.host}{place}"
        answer = self._request(method, url, {**(headers or {}), **self._authorization})
        if answer.status == HTTPStatus.UNAUTHORIZED:
            authorization = {"Authorization": self._authorized(answer, repository)}
            answer = self._request(method, url, {**(headers or {}), **authorization})
            self._authorization = authorization  # at most one request more where another thread has put its own there
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self._refused(repository)
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise RegistryError(f"{self.host} answers with HTTP {answer.status} to a question about {repository}")
        return answer

    def _authorized(self, answer: _Answer, repository: str) -> str:
        """What the registry asks for: the login itself, or a token that another server gives for it."""
        scheme, _, rest = answer.headers.get("www-authenticate", "").partition(" ")
        basic = f"Basic {self._login.basic}" if self._login.basic else ""
        if scheme.lower() != "bearer":
            if not basic:
                raise self._refused(repository)
            return basic
        asked = dict(_CHALLENGE.findall(rest))
        realm = asked.get("realm", "")
        parts = urllib.parse.urlsplit(realm)
        if parts.scheme != "https" and not _is_here(parts.netloc):
            raise RegistryError(f"{self.host} sends the login to an address without TLS; it was not sent")
        query = urllib.parse.urlencode(
            {"service": asked.get("service", ""), "scope": asked.get("scope") or f"repository:{repository}:pull"}
        )
        given = self._request("GET", f"{realm}?{query}", {"Authorization": basic} if basic else {})
        if given.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self._refused(repository)
        try:
            said = json.loads(given.body)
            return f"Bearer {said.get('token') or said['access_token']}"
        except (ValueError, TypeError, KeyError, AttributeError):
            raise RegistryError(f"the login server of {self.host} gives no token (HTTP {given.status})") from None

    def _refused(self, repository: str) -> RegistryError:
        if self._login.basic:
            return RegistryError(
                f"{self.host} does not accept the login of {self._login.origin} for {repository}; "
                f"docker login {self.host}"
            )
        return RegistryError(
            f"{self.host} wants a login for {repository}: {self._login.origin}; docker login {self.host}"
        )

    def _request(self, method: str, url: str, headers: Mapping[str, str]) -> _Answer:
        host = urllib.parse.urlsplit(url).netloc
        request = urllib.request.Request(url, method=method, headers=dict(headers))  # noqa: S310 - http or https, see above
        proxies = urllib.request.ProxyHandler({} if url.startswith("http:") else None)
        opener = urllib.request.build_opener(proxies, _NoRedirect)
        try:
            return within_bounds(lambda: _answer(opener, request))
        except TimeoutError:
            self._silent = f"{host} does not answer in time; is it reached from here only by another name?"
            raise RegistryError(self._silent) from None
        except urllib.error.URLError as error:
            reason = error.reason
            if isinstance(reason, TimeoutError):
                self._silent = f"{host} does not answer in time"
                raise RegistryError(self._silent) from None
            raise RegistryError(f"{host} cannot be reached: {reason}") from None
        except (HTTPException, OSError) as error:
            raise RegistryError(f"{host} breaks off: {error}") from None


def _is_here(host: str) -> bool:
    """Whether a host, with or without a port, is this machine."""
    return host in _LOOPBACK or host.rpartition(":")[0] in _LOOPBACK


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A login is for the server that it was made for."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


def _answer(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> _Answer:
    try:
        with opener.open(request, timeout=connect_seconds()) as answer:
            body = answer.read(_MOST_BYTES)
            return _Answer(answer.status, {key.lower(): value for key, value in answer.headers.items()}, body)
    except urllib.error.HTTPError as error:
        with error:
            return _Answer(error.code, {key.lower(): value for key, value in error.headers.items()}, b"")
