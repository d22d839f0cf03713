"""The questions that a provider puts to the cloud behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.cloud.difference import Change

Properties = dict[str, Any]
"""Property names to values, as `sandbox.cloud.wire` has them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The answer to Diff: what changed, which of it needs a new object, and in which order that is made."""

    changes: Sequence[Change] = ()
    replaces: Sequence[Change] = ()
    delete_first: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to Check: the inputs as the provider takes them, and what is wrong as (property, reason)."""

    inputs: Properties
    failures: Sequence[tuple[str, str]] = field(default=())


class Cloud(Protocol):
    """What a provider is in front of. Types are tokens: ``kubernetes:apps/v1:Deployment``."""

    package: str

    def configure(self, arguments: Properties) -> None:
        """Take the provider resource's inputs."""

    def config_replaces(self, old: Properties, new: Properties) -> Sequence[str]:
        """Name the provider inputs whose change replaces the provider, and with it all it created."""

    def check(self, token: str, inputs: Properties, automatic: str | None) -> Checked:
        """Judge inputs before anything is planned; return the same mapping where nothing is to be filled in.

        Args:
            token: the type.
            inputs: what the program states.
            automatic: the name of a resource that states none; None: stating none is an error.
        """

    def settled(self, token: str) -> bool:
        """Tell whether the inputs of a type say all about a difference; if so, `diff` gets an empty state."""

    def diff(self, token: str, old: Properties, new: Properties, state: Properties) -> Difference:
        """Compare inputs."""

    def planned(self, token: str, inputs: Properties, state: Properties | None) -> Properties:
        """Say what a create (no state) or an update would give, unknown where only the real step tells."""

    def create(self, token: str, urn: str, inputs: Properties) -> tuple[str, Properties]:
        """Create; return id and outputs."""

    def update(self, token: str, urn: str, identity: str, inputs: Properties, old: Properties) -> Properties:
        """Change in place; return outputs."""

    def delete(self, token: str, identity: str) -> None:
        """Delete; what is gone already counts as deleted."""

    def read(
        self, token: str, identity: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return id, outputs and inputs of what exists, or None."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answer a data source."""

    def vanish(self, token: str, identity: str) -> None:
        """Make an object disappear behind the engine's back."""
