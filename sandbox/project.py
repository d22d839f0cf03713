"""The copy of the project that the engine works on: Pulumi.yaml, the stack file, and generated secrets.

Selecting a stack or setting a secret writes into the stack file. That happens to the copy; the working tree stays as
it is. Secrets in the tree's stack file cannot be read here, since their passphrase is not known: each gets a generated
value, made once per sandbox and kept encrypted only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from config.stack import GENERATED_PREFIX
from sandbox.place import Place
from sandbox.problem import SandboxError

_ENCRYPTION_KEYS = ("encryptionsalt", "encryptedkey", "secretsprovider")
_TEXT = "tag:yaml.org,2002:str"


def copy_project(place: Place, root: Path, stack: str, wanted: Iterable[str]) -> list[str]:
    """Bring the copy up to date.

    The stack file is copied as it is written, down to the quotes, since `1.10` and `"1.10"` are different settings.

    Args:
        place: The sandbox.
        root: The project.
        stack: The stack; its file is valid YAML.
        wanted: Configuration keys, with the project's name before the colon, of the secrets that the stack needs.

    Returns:
        Keys of secrets that have no value yet.
    """
    name = f"Pulumi.{stack}.yaml"
    try:
        (place.project / "Pulumi.yaml").write_bytes((root / "Pulumi.yaml").read_bytes())
        text = (root / name).read_text(encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"{error.filename}: {error.strerror}.") from None
    copy = place.project / name
    earlier = _mapping(yaml.compose(copy.read_text(encoding="utf-8"))) if copy.exists() else _mapping(None)
    fresh = _mapping(yaml.compose(text))
    fresh.value = [(key, value) for key, value in fresh.value if key.value not in _ENCRYPTION_KEYS]
    fresh.value += [(key, value) for key, value in earlier.value if key.value in _ENCRYPTION_KEYS]
    known = {key.value: value for key, value in _config(earlier).value if _is_secret(value)}
    config = _config(fresh)
    config.value = [(key, value) for key, value in config.value if not _is_secret(value)]
    missing = []
    for key in wanted:
        if key in known:
            config.value.append((ScalarNode(_TEXT, key), known[key]))
        else:
            missing.append(key)
    partial = copy.with_suffix(".partial")
    partial.write_text(yaml.serialize(fresh, allow_unicode=True), encoding="utf-8")
    partial.replace(copy)
    return missing


def ensure_passphrase(place: Place) -> None:
    """Make the passphrase of this sandbox, once; only the user can read the file."""
    try:
        descriptor = os.open(place.passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(32))


def generated_secret(key: str) -> str:
    """A value for a secret that only the sandbox uses: random, and of the shape that the setting has."""
    token = secrets.token_urlsafe(24)
    if key.endswith(":kubeconfig"):
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "sandbox",
                "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "sandbox"}}],
                "clusters": [{"name": "sandbox", "cluster": {"server": "https://127.0.0.1:6443"}}],
                "users": [{"name": "sandbox", "user": {"token": token}}],
            }
        )
    return f"{GENERATED_PREFIX}{token}"


def _mapping(node: Node | None) -> MappingNode:
    return node if isinstance(node, MappingNode) else MappingNode("tag:yaml.org,2002:map", [])


def _config(document: MappingNode) -> MappingNode:
    for key, value in document.value:
        if key.value == "config" and isinstance(value, MappingNode):
            return value
    config = _mapping(None)
    document.value = [(key, value) for key, value in document.value if key.value != "config"]
    document.value.append((ScalarNode(_TEXT, "config"), config))
    return config


def _is_secret(value: Node) -> bool:
    return isinstance(value, MappingNode) and [key.value for key, _ in value.value] == ["secure"]
