"""What people tell an adoption beside the cluster, and what nobody told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

Yaml: TypeAlias = Any
"""A value as it stands in a YAML file."""

MARK = "<fill in: "
"""How the placeholder of a value begins that a cluster does not tell. No setting accepts one."""


class Unknown(str):
    """A placeholder as it stands in the stack file, until somebody fills it in; no object depends on it.

    Attributes:
        stand_in: What the setting accepts, for building the objects meanwhile.
    """

    __slots__ = ("stand_in",)
    stand_in: Any

    def __new__(cls, what: str, stand_in: object) -> Self:
        """Say what is to be filled in and where it is found."""
        made = super().__new__(cls, f"{MARK}{what}>")
        made.stand_in = stand_in
        return made


def is_placeholder(value: object) -> bool:
    """Whether a value of a stack file is still to be filled in."""
    return isinstance(value, str) and value.startswith(MARK)


def holds_placeholder(value: Yaml) -> bool:
    """Whether there is a placeholder anywhere in a value."""
    if isinstance(value, Mapping):
        return any(map(holds_placeholder, value.values()))
    return any(map(holds_placeholder, value)) if isinstance(value, list | tuple) else is_placeholder(value)


def standing_in(values: Yaml) -> Yaml:
    """The values with what stands in for each placeholder."""
    if isinstance(values, Unknown):
        return values.stand_in
    if isinstance(values, Mapping):
        return {key: standing_in(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [standing_in(value) for value in values]
    return values


@dataclass(frozen=True)
class VSwitch:
    """A vSwitch as the option ``--v-switch ID,ZONE,CIDR`` names it."""

    id: str
    zone: str
    cidr: str


@dataclass(frozen=True)
class Known:
    """What is known about the stack beside its namespace."""

    stack: str
    """The stack's name."""
    cluster_id: str | None = None
    """The cluster's id."""
    region: str | None = None
    """Its region; unset: what the nodes, or the registry's VPC address, say."""
    vpc: str | None = None
    """Its VPC."""
    v_switches: tuple[VSwitch, ...] = ()
    """Its vSwitches."""
    network: str | None = None
    """``terway`` or ``flannel``; unset: what the Services behind the ALB say."""
    nacos_version: str | None = None
    """``1.x``, ``2.x`` or ``3.x``; unset: the stack names no Nacos."""
    kubeconfig: str = "~/.kube/config"
    """Where the kubeconfig is."""
    leave: tuple[str, ...] = ()
    """Deployments that are not adopted."""
