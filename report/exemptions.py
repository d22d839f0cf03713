"""What a stack file lets pass for a while: waived rules, protected resources that may go, listeners that may go.

Read from the configuration that the engine writes beside its steps: it is the one that was previewed, whatever the
stack file of this checkout says by now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.stack import PROJECT


@dataclass(frozen=True)
class Exemption:
    """One entry of the stack file."""

    key: str
    """The key it stands under: ``waivers``, ``allowReplace``, ``alb.allowListenerRemoval``."""
    what: str
    """The rule, with its service if it has one; the resource; the listener."""
    reason: str | None = None
    """Why; a listener has none."""
    until: str | None = None
    """The last day on which it holds, ``2027-01-31``; a listener has none."""

    def __str__(self) -> str:
        """``allowReplace: nas-volume-claim, until 2027-01-31: we move to another file system``."""
        day = f", until {self.until}" if self.until else ""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.key}: {self.what}{day}{why}"


def exemptions(config: Mapping[str, str]) -> tuple[Exemption, ...]:
    """All exemptions of a configuration, as the stack file has them in order.

    Args:
        config: of a preview that succeeded, so the program has checked it.
    """
    return (*_dated(config, "allowReplace"), *_dated(config, "waivers"), *_listeners(config))


def _dated(config: Mapping[str, str], key: str) -> Iterator[Exemption]:
    for each in _mappings(_value(config, key)):
        service = f" for {each['service']}" if each.get("service") else ""
        what = f"{each.get('rule') or each.get('resource')}{service}"
        yield Exemption(key, what, str(each.get("reason")), str(each.get("until")))


def _listeners(config: Mapping[str, str]) -> Iterator[Exemption]:
    for alb in _mappings([_value(config, "alb")]):
        for listener in alb.get("allowListenerRemoval") or ():
            yield Exemption("alb.allowListenerRemoval", str(listener))


def _value(config: Mapping[str, str], key: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(config.get(f"{PROJECT}:{key}") or "[]")


def _mappings(values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    return (each for each in values if isinstance(each, Mapping))
