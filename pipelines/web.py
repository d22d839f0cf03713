"""JSON over HTTP for what a pipeline tells others: every wait has a bound, no redirect, no secret in a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.network import connect_seconds, stall_seconds
from sandbox.problem import SandboxError

_MOST_SAID = 300
_DONE = range(200, 300)


class UnreachedError(SandboxError):
    """A server did not answer, or refused."""


def ask(
    method: str,
    url: str,
    *,
    secrets: tuple[str, ...],
    headers: Mapping[str, str] | None = None,
    body: object = None,
    query: Mapping[str, str] | None = None,
) -> Any:  # noqa: ANN401 - JSON
    """The answer to one request.

    Args:
        method: ``GET``, ``POST``, ``PUT`` or ``PATCH``.
        url: the address.
        secrets: what must not stand in a message: the token, the parts of an address that are one.
        headers: beside those of JSON.
        body: sent as JSON; nothing if None.
        query: added to the address.

    Returns:
        The JSON of the answer.

    Raises:
        UnreachedError: with the server, the status and what the server said; no secret.
    """
    place = urlsplit(url).hostname or url
    try:
        answer = requests.request(
            method,
            url,
            headers=dict(headers or {}),
            json=body,
            params=dict(query or {}),
            timeout=(connect_seconds(), stall_seconds()),
            allow_redirects=False,  # a token is for one server
        )
    except (requests.RequestException, UnicodeError) as error:
        raise UnreachedError(f"{place} does not answer: {_without(secrets, str(error))}") from None
    if answer.status_code not in _DONE:
        raise UnreachedError(
            f"{place} answered {answer.status_code}: {_without(secrets, answer.text) or 'nothing more'}"
        )
    try:
        return answer.json()
    except ValueError:
        raise UnreachedError(f"{place} answered with something that is no JSON; is the address right?") from None


def _without(secrets: tuple[str, ...], text: str) -> str:
    for each in secrets:
        text = text.replace(each, "[secret]") if each else text
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]} …"
