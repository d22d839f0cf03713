"""Registering a Kubernetes object that a builder made."""

from collections.abc import Callable
from typing import cast

import pulumi
import pulumi_kubernetes as k8s

from components.manifests.metadata import Manifest

Constructor = Callable[..., pulumi.CustomResource]


def _constructor(api_version: str, kind: str) -> Constructor:
    """The SDK's class of a kind; its modules are imported only when used."""
    if "." in api_version.split("/", 1)[0] and not api_version.split("/", 1)[0].endswith(".k8s.io"):
        return lambda name, **arguments: k8s.apiextensions.CustomResource(
            name, api_version=api_version, kind=kind, **arguments
        )
    group, _, version = api_version.rpartition("/")
    package = getattr(k8s, group.removesuffix(".k8s.io").replace(".authorization", "") or "core")
    return cast("Constructor", getattr(getattr(package, version), kind))


def register(name: str, manifest: Manifest, opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Register an object under a logical name.

    Args:
        name: the logical name, ``{component}-{role}``.
        manifest: the object in wire format; its values may be outputs.
        opts: the parent and what differs from the usual.
    """
    arguments = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    arguments = {_SNAKE.get(key, key): value for key, value in arguments.items()}
    return _constructor(manifest["apiVersion"], manifest["kind"])(name, opts=opts, **arguments)


_SNAKE = {
    "stringData": "string_data",
    "roleRef": "role_ref",
    "automountServiceAccountToken": "automount_service_account_token",
    "imagePullSecrets": "image_pull_secrets",
}
"""Keys at an object's root whose argument is spelt differently in Python."""


def object_name(resource: pulumi.CustomResource) -> pulumi.Output[str]:
    """The name of a registered object, as an output: who uses it comes after it."""
    metadata = cast("pulumi.Output[dict[str, str]]", pulumi.Output.from_input(getattr(resource, "metadata")))  # noqa: B009 -- CustomResource declares no metadata
    return metadata["name"]
