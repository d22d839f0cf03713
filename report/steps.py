"""A step of a preview: one resource, what happens to it, and its inputs before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.urn import Urn

SECRET = "[secret]"  # noqa: S105 - what the engine writes instead of a secret, not one
"""What stands for a secret value, whatever form the engine wrote it in."""
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's mark of a value that is known only after the `up`.

Source: https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/plugin/rpc.go
"""
SERVICE = "SpringService"
"""The component of a service."""
_COMPONENTS = "ack-platform:"


@dataclass(frozen=True)
class Step:
    """One resource of a preview."""

    urn: Urn
    """The engine's name of it."""
    op: str
    """``same``, ``create``, ``update``, ``replace``, ``delete``, or another word of the engine for what happens."""
    parent: Urn | None = None
    """The component that it belongs to; None for the stack itself."""
    old: Mapping[str, Any] = field(default_factory=dict)
    """Its inputs before; empty for what is new. Secrets are `SECRET`."""
    new: Mapping[str, Any] = field(default_factory=dict)
    """Its inputs after; empty for what goes."""
    paths: tuple[str, ...] = ()
    """The properties that change, as the engine writes their paths: the only trace of a secret that changes."""
    replacing: tuple[str, ...] = ()
    """Those of them for which it is replaced."""
    was_protected: bool = False
    """Whether the engine refuses to delete it now."""
    protected: bool = False
    """Whether it will refuse that."""
    retained: bool = False
    """Whether it stays where it is when the stack lets go of it."""

    @property
    def is_component(self) -> bool:
        """Whether it only holds other resources together."""
        return self.urn.type.startswith((_COMPONENTS, "pulumi:pulumi:"))

    @property
    def kind(self) -> str:
        """``Deployment``, ``FileSystem``."""
        return self.urn.kind

    @property
    def service(self) -> str | None:
        """The service that it belongs to, or is; None for what is shared."""
        owner = self.urn if self.urn.kind == SERVICE else self.parent
        return owner.name if owner and owner.kind == SERVICE else None

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Its inputs after; those before for what goes."""
        return self.new or self.old

    @property
    def name(self) -> str:
        """The object's own name, the one before for what is replaced; where it has none, that in the program."""
        metadata = (self.old if self.op == "replace" else self.inputs).get("metadata")
        stated = metadata.get("name") if isinstance(metadata, Mapping) else None
        return stated if isinstance(stated, str) and stated != UNKNOWN else self.urn.name

    @property
    def title(self) -> str:
        """What people call it: ``Namespace uat``, ``provider kubernetes``."""
        return f"{'provider' if self.is_provider else self.kind} {self.name}"

    @property
    def is_provider(self) -> bool:
        """Whether it is the connection to the cluster, or to Alibaba Cloud."""
        return self.urn.type.startswith("pulumi:providers:")

    @property
    def renamed(self) -> bool:
        """Whether the new object has another name or namespace, so that it can be made before the old one goes."""
        return _identity(self.old) != _identity(self.new)


def _identity(inputs: Mapping[str, Any]) -> tuple[object, object]:
    metadata = inputs.get("metadata")
    return (metadata.get("namespace"), metadata.get("name")) if isinstance(metadata, Mapping) else (None, None)
