"""A program `docker-credential-NAME`, which keeps logins for Docker.

Source: https://github.com/docker/docker-credential-helpers#development
"""

from __future__ import annotations

import base64
import json
import re
import subprocess

_SECONDS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IDENTITY_TOKEN = "<token>"  # noqa: S105 - the user name of a login that is no password


class CredentialHelperError(Exception):
    """It gives no login; the text says why, and no secret."""


def ask(helper: str, registry: str) -> str:
    """The login of a registry: ``user:password`` in base64.

    Args:
        helper: the program's name behind ``docker-credential-``.
        registry: host, with its port if it has one; told on standard input.

    Raises:
        CredentialHelperError: it has none.
    """
    program = f"docker-credential-{helper}"
    if not _NAME.fullmatch(helper):
        raise CredentialHelperError(f"{program} is no program's name")
    try:
        done = subprocess.run(  # noqa: S603 - the program that the user's own configuration names
            [program, "get"], input=registry, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except OSError:
        raise CredentialHelperError(f"{program} cannot be run") from None
    except subprocess.TimeoutExpired:
        raise CredentialHelperError(f"{program} does not answer in {_SECONDS} s") from None
    if done.returncode != 0:
        raise CredentialHelperError(f"{program} has no login for {registry}")
    try:
        said = json.loads(done.stdout)
        user, password = said["Username"], said["Secret"]
    except (ValueError, TypeError, KeyError):
        raise CredentialHelperError(f"{program} answers with no login") from None
    if user == _IDENTITY_TOKEN:
        raise CredentialHelperError(f"{program} has an identity token, which is no password")
    return base64.b64encode(f"{user}:{password}".encode()).decode()
