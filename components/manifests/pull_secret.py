"""Secrets (保密字典) of the environment: the registry's credentials, and those of Nacos."""

import base64
import json

from components.manifests.metadata import Manifest, Opaque, environment_labels, metadata
from config import StackSettings

NACOS_SECRET = "nacos-credentials"  # noqa: S105 -- an object's name


def pull_secret(settings: StackSettings, docker_config: Opaque, namespace: Opaque) -> Manifest:
    """The image pull Secret.

    Args:
        settings: the stack's settings; they own a pull Secret.
        docker_config: base64 of what ``docker_config`` returns.
        namespace: the namespace's name.

    Source: https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(settings.pull_secret, environment_labels(settings), namespace=namespace),
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": docker_config},
    }


def docker_config(server: str, username: str, password: str) -> str:
    """The content of ``~/.docker/config.json`` after a login to one registry."""
    login = {"auth": encoded(f"{username}:{password}"), "password": password, "username": username}
    return json.dumps({"auths": {server: login}}, sort_keys=True, separators=(",", ":"))


def nacos_secret(settings: StackSettings, username: str, password: Opaque, namespace: Opaque) -> Manifest:
    """The Secret from which the registration scripts read their Nacos login.

    Args:
        settings: the stack's settings.
        username: the Nacos user in plain text.
        password: base64 of the user's password.
        namespace: the namespace's name.
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(NACOS_SECRET, environment_labels(settings), namespace=namespace),
        "type": "Opaque",
        "data": {"username": encoded(username), "password": password},
    }


def encoded(text: str) -> str:
    """The text in base64, as a Secret's ``data`` holds it."""
    return base64.b64encode(text.encode()).decode()
