"""The login of a container registry, from the file that `docker login` writes, or the helper that the file names.

Source: https://docs.docker.com/reference/cli/docker/login/#credential-stores
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from registry.credential_helper import CredentialHelperError, ask


@dataclass(frozen=True)
class Login:
    """A user of a registry, or none, and where it comes from."""

    basic: str | None = field(default=None, repr=False)
    """``user:password`` in base64, as HTTP's Basic scheme has it; None where there is no login."""
    origin: str = ""
    """The file, and what there is to know about it; for people."""


def login_of(registry: str) -> Login:
    """The login of a registry.

    Args:
        registry: host, with its port if it has one.
    """
    folder = os.environ.get("DOCKER_CONFIG")
    path = Path(folder) if folder else Path.home() / ".docker"
    file = path / "config.json"
    try:
        stated = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Login(origin=f"{file} does not exist")
    except (OSError, ValueError):
        return Login(origin=f"{file} cannot be read as JSON")
    stated = stated if isinstance(stated, dict) else {}
    helpers = stated.get("credHelpers")
    helper = (helpers.get(registry) if isinstance(helpers, dict) else None) or stated.get("credsStore")
    if isinstance(helper, str) and helper:
        try:
            return Login(ask(helper, registry), f"docker-credential-{helper}")
        except CredentialHelperError as error:
            said = f"{file} leaves the login to a credential helper: {error}"
    else:
        said = f"{file} has no login for {registry}"
    logins = stated.get("auths")
    entries = logins if isinstance(logins, dict) else {}
    for key, entry in entries.items():
        if key.removeprefix("https://").rstrip("/") == registry and isinstance(entry, dict):
            basic = _basic(entry)
            if basic is not None:
                return Login(basic, str(file))
    return Login(origin=said)


def _basic(entry: dict[str, object]) -> str | None:
    auth = entry.get("auth")
    if isinstance(auth, str) and auth:
        try:
            return auth if b":" in base64.b64decode(auth, validate=True) else None
        except binascii.Error:
            return None
    user, password = entry.get("username"), entry.get("password")
    return base64.b64encode(f"{user}:{password}".encode()).decode() if user and password else None
