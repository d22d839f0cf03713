"""The engine's name of a resource, in its parts.

Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Urn:
    """`urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`.

    Attributes:
        text: All of it.
    """

    text: str

    @property
    def stack(self) -> str:
        """The stack."""
        return self.text.split("::")[0].removeprefix("urn:pulumi:")

    @property
    def type(self) -> str:
        """The type token, such as `kubernetes:apps/v1:Deployment`."""
        return self.text.split("::")[2].rpartition("$")[2]

    @property
    def kind(self) -> str:
        """The last part of the type token, such as `Deployment`."""
        return self.type.rpartition(":")[2]

    @property
    def name(self) -> str:
        """The name in the program."""
        return self.text.split("::", 3)[3]
