"""The engine's kubernetes provider in front of a live cluster that is only read.

With it `pulumi up` takes the objects of a program into its state without touching them: what the program would create
has to be there already, as the program states it. Whatever else it would do is refused. What it leaves in the state is
what the real plug-in would have left after creating the same objects, so that the plug-in's next preview shows nothing.
Source of the state's shape: `checkpointObject` in
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from adopt.connection import ClusterError, RefusedError
from adopt.snapshot import Object
from components.manifests.metadata import FIELD_MANAGER
from sandbox.cloud.cloud import Properties
from sandbox.cloud.cluster import Cluster
from sandbox.cloud.contents import Contents
from sandbox.cloud.difference import changes
from sandbox.cloud.properties import names, shaped, shielded
from sandbox.cloud.refusal import Refusal
from sandbox.cloud.wire import Secret, Value, reveal

_BOOKKEEPING = ("managedFields", "resourceVersion", "generation")
_SHOWN = 5
"""Differing fields in one refusal."""


class Server(Protocol):
    """What is asked of the API server."""

    def read(self, api_version: str, kind: str, name: str, namespace: str | None) -> Object | None:
        """An object; None if there is none."""

    def applied(self, manifest: Object) -> Object:
        """What a server-side apply of this program would make of an object, without making it."""


class LiveCluster(Cluster):
    """A cluster whose objects become the engine's, as they are.

    Args:
        server: The API server.
        contents: Empty; the kinds that are no part of Kubernetes are looked up in it.
    """

    def __init__(self, server: Server, contents: Contents) -> None:
        super().__init__(contents)
        self._server = server

    def create(self, token: str, urn: str, inputs: Properties) -> tuple[str, Properties]:
        """Find an object.

        Raises:
            Refusal: It is not there, or is not as the program states it.
        """
        del urn
        stated = reveal(inputs)
        namespace, name = names(inputs)
        identity = f"{namespace}/{name}" if namespace else str(name)
        live = self._read(token, identity)
        if live is None:
            raise Refusal(
                f"{_kind(token)} {identity} is not in the cluster. Adopting creates nothing: take what asks for it out "
                "of the stack file, and let a later `pulumi up` create it"
            )
        try:
            would_be = self._server.applied(stated)
        except (RefusedError, ClusterError) as error:
            raise Refusal(f"{_kind(token)} {identity}: {error}") from None
        different = [each.dotted for each in changes(_compared(live), _compared(would_be))]
        if different:
            more = f" and {len(different) - _SHOWN} more" if len(different) > _SHOWN else ""
            shown = ", ".join(different[:_SHOWN]) + more
            raise Refusal(
                f"{_kind(token)} {identity} is not as the stack file states it: {shown}. "
                "Run `ackp adopt` again: it writes down what is live"
            )
        return identity, _stored(live, inputs)

    def update(self, token: str, urn: str, identity: str, inputs: Properties, old: Properties) -> Properties:
        """Refuse: nothing is changed while adopting.

        Raises:
            Refusal: Always.
        """
        del urn, inputs, old
        raise Refusal(
            f"{_kind(token)} {identity} is in the stack's state and would be changed. "
            "Adopting changes nothing: run `pulumi up` for that"
        )

    def delete(self, token: str, identity: str) -> None:
        """Refuse: nothing is deleted while adopting.

        Raises:
            Refusal: Always.
        """
        raise Refusal(f"{_kind(token)} {identity} would be deleted. Adopting deletes nothing: run `pulumi up` for that")

    def read(
        self, token: str, identity: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """An object that the stack is given, as it is."""
        del state
        live = self._read(token, identity)
        if live is None:
            return None
        outputs = _stored(live, inputs)
        return identity, outputs, shaped(outputs, inputs) if inputs else outputs

    def _read(self, token: str, identity: str) -> Object | None:
        namespace, _, name = identity.rpartition("/")
        _, version, kind = token.split(":")
        try:
            return self._server.read(version.removeprefix("core/"), kind, name, namespace or None)
        except (RefusedError, ClusterError) as error:
            raise Refusal(f"{kind} {identity}: {error}") from None


def _kind(token: str) -> str:
    return token.rpartition(":")[2]


def _stored(live: Object, inputs: Properties) -> Properties:
    kept = {"__inputs": inputs, "__initialApiVersion": live["apiVersion"], "__fieldManager": FIELD_MANAGER}
    return {**_shielded(live, inputs), **kept}


def _shielded(live: Object, inputs: Properties) -> Properties:
    """A live object as the state keeps it: of a Secret all values, of others what the program gave as secret."""
    shielded = _like(live, inputs)
    return shielded if live.get("kind") != "Secret" else _secret(shielded)


def _secret(live: Properties) -> Properties:
    return shielded({**live, "data": reveal(live.get("data") or {})})


def _like(live: Value, inputs: Value) -> Value:
    """A value with those of its parts secret that are secret in another."""
    if isinstance(inputs, Secret):
        return Secret(live)
    if isinstance(live, Mapping) and isinstance(inputs, Mapping):
        return {key: _like(value, inputs.get(key)) for key, value in live.items()}
    return live


def _compared(live: Object) -> Object:
    """An object without the server's own bookkeeping."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in _BOOKKEEPING}
    return {**{key: value for key, value in live.items() if key != "status"}, "metadata": metadata}
