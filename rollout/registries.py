"""The registries of a stack, at the addresses by which they are reached from here."""

from __future__ import annotations

from improvements.improvement import Stack
from registry.registry import Registry


def registry_for(stack: Stack, named: str, here: str | None) -> Registry:
    """A registry.

    Args:
        stack: the stack that takes images from it.
        named: its host, as images name it.
        here: its address from here, where somebody says so; else ``registry.address`` of the stack's own registry.
    """
    return Registry(here or stack.settings.registry.reached_at(named), named)
