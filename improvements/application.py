"""Improvements put into a stack file, one after the other, or none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.errors import did_you_mean
from config.files import parse_yaml
from config.load import source_of
from improvements.improvement import Improvement, Item, Stack, improvement
from improvements.stack_file import edited


class RefusedError(ValueError):
    """An improvement cannot be applied; the text says why. Nothing was written."""


@dataclass(frozen=True)
class Applied:
    """A stack file with improvements in it."""

    text: str
    """The file's text."""
    improvements: tuple[Improvement, ...]
    """What was applied, in this order."""


def apply(
    text: str,
    stack: Stack,
    service: str,
    items: Sequence[Item],
    wanted: Mapping[str, str],
) -> Applied:
    """Apply improvements to the text of a stack file; nothing is written.

    What stacks take from each other (namespace, host, ALB), no improvement touches.

    Args:
        text: the file's text.
        stack: the same, read and accepted.
        service: the service.
        items: all kinds of improvements.
        wanted: the names of those that are wanted, in their order, and what is told beside each.

    Raises:
        RefusedError: one of them is not known, not open, or blocked.
        SettingsError: `ackp check` would refuse the edited file.
    """
    done = []
    for name, told in wanted.items():
        found = _open(stack, service, items, name, told)
        text = edited(text, stack.source.file, service, stack.subject(service).under, found.edit)
        stack = _read(stack, text)
        if dict(stack.subject(service).own) != found.entry:
            raise RefusedError(f"{name}: {stack.source.file.name} cannot be edited in place; nothing was written")
        done.append(found)
    return Applied(text, tuple(done))


def _open(stack: Stack, service: str, items: Sequence[Item], name: str, told: str) -> Improvement:
    names = [item.name for item in items]
    if name not in names:
        raise RefusedError(f"{name} is no improvement; {did_you_mean(name, names)} Nothing was written")
    rank = names.index(name)
    found = improvement(stack, stack.subject(service, {name: told} if told else {}), items[rank], rank + 1)
    if found is None:
        raise RefusedError(f"{service} needs no {name}: the settings say it already. Nothing was written")
    if found.blocked:
        reasons = "".join(f"\n  {each}" for each in found.blocked)
        raise RefusedError(f"{name} cannot be applied to {service} yet; nothing was written.{reasons}")
    return found


def _read(stack: Stack, text: str) -> Stack:
    file = parse_yaml(stack.source.file.name, text)
    return Stack.load(source_of(stack.source.stack, file), stack.catalogue)
