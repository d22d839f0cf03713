"""What differs between two stacks, in the settings that are in force: stack file, catalogue and defaults merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config import StackSettings
from config.explain import keys_of, plain_value
from config.files import KeyPath, show_path
from config.quantity import parse
from parity.environment import Environment
from parity.expected import reason
from parity.images import image_difference

_KINDS = ("ownership", "source", "by")
"""Keys that say which form a mapping has."""
_AMOUNTS = {"resources", "hard", "limitRange", "tmpSize", "capacity"}
"""Keys of quantities, or above them: ``1Gi`` is ``1024Mi``."""


@dataclass(frozen=True)
class Difference:
    """One setting that two stacks have otherwise."""

    service: str | None
    """The service; None for the platform."""
    path: str
    """The key's path, ``services.gateway.probes.periodSeconds``."""
    values: tuple[object, object]
    """What each stack has, in plain types; None where it has nothing."""
    expected: str
    """Why environments differ in it; empty where they should not."""
    note: str = ""
    """What a reader should know beside the values."""

    @property
    def key(self) -> str:
        """The path below its service."""
        return self.path.removeprefix(f"services.{self.service}.")


def differences(left: StackSettings, right: StackSettings) -> list[Difference]:
    """Everything that differs: the platform first, then the services by name."""
    return [*_platform(left, right), *_services(left, right)]


def _platform(left: StackSettings, right: StackSettings) -> Iterator[Difference]:
    for section in keys_of(left):
        if section != "services":
            yield from _compared((left, right), (section,), _section(left, section), _section(right, section))


def _section(settings: StackSettings, name: str) -> object:
    """A section in plain types; the ALB's listeners by their protocol and port."""
    value = plain_value(getattr(settings, keys_of(settings)[name]))
    if name == "alb" and isinstance(value, dict):
        return {**value, "listeners": dict(zip(settings.listeners, value["listeners"], strict=True))}
    return value


def _services(left: StackSettings, right: StackSettings) -> Iterator[Difference]:
    for name in sorted({*left.services, *right.services}):
        path = ("services", name)
        if name not in left.services or name not in right.services:
            runs = ["runs" if name in stack.services else None for stack in (left, right)]
            yield Difference(name, show_path(path), (runs[0], runs[1]), "", "it runs in one of the two only")
            continue
        found = image_difference(left, right, name)
        if found is not None:
            yield Difference(name, show_path((*path, "image")), found.values, found.expected, found.note)
        yield from _compared((left, right), path, _without_image(left, name), _without_image(right, name))


def _without_image(settings: StackSettings, name: str) -> object:
    return settings.services[name].model_dump(mode="json", by_alias=True, exclude={"image"})


def _compared(
    stacks: tuple[StackSettings, StackSettings], path: KeyPath, mine: object, other: object
) -> Iterator[Difference]:
    left, right = (Environment.of(stack) for stack in stacks)
    service = str(path[1]) if path[0] == "services" else None
    for below, one, another in _leaves(path, mine, other):
        same = left.neutral(one) == right.neutral(another)
        why = "follows from the environment" if same else reason(below)
        yield Difference(service, show_path(below), (one, another), why)


def _leaves(path: KeyPath, left: object, right: object) -> Iterator[tuple[KeyPath, object, object]]:
    """The values that differ; a list is one value, and so is a mapping that only one side has."""
    if left == right:
        return
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        if not (_AMOUNTS & {*path} and _same_amount(left, right)):
            yield path, left, right
        return
    other_form = any(left.get(key) != right.get(key) for key in _KINDS)
    for key in dict.fromkeys([*left, *right]):
        if other_form and (key not in left or key not in right):
            continue  # it comes with the form
        yield from _leaves((*path, key), left.get(key), right.get(key))


def _same_amount(left: object, right: object) -> bool:
    try:
        return isinstance(left, str) and isinstance(right, str) and parse(left) == parse(right)
    except ValueError:  # a name beside the amounts
        return False
