"""What a stack file says before an adoption: it stands, and what the cluster says otherwise is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adopt.deployment import Settings
from adopt.finding import Finding
from adopt.known import Yaml, holds_placeholder, is_placeholder
from config.files import KeyPath, show_path

_SERVICES = ("services", "serviceDefaults")
_OF_THE_MACHINE = ("cluster",)
"""Sections in which a cluster cannot contradict: it does not tell them, or only in part."""


@dataclass(frozen=True)
class Stated:
    """The settings of a stack file, without placeholders."""

    sections: Settings
    """The keys beside the services."""
    services: Mapping[str, Settings]
    """The entries of ``services``."""
    defaults: Settings | None
    """``serviceDefaults``; None where there is none, nor any service that it could hold for."""

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Stated:
        """The settings among a stack file's plain values."""
        filled: Settings = _filled(dict(values))
        services = filled.get("services")
        defaults = filled.get("serviceDefaults")
        return cls(
            {key: value for key, value in filled.items() if key not in _SERVICES},
            services if isinstance(services, Mapping) else {},
            dict(defaults) if isinstance(defaults, Mapping) else ({} if services else None),
        )

    def patches(self, name: str) -> Settings:
        """The patches of a service."""
        return dict((self.services.get(name) or {}).get("patch") or {})

    def differing(self, name: str, inferred: Settings) -> list[str]:
        """The settings of a service that are not what was inferred."""
        own = self.services.get(name)
        return [show_path(path) for path, _, _ in _differing(own or {}, inferred, ()) if path[0] != "patch"]

    def differing_sections(self, inferred: Settings) -> Iterator[Finding]:
        """The settings beside the services that are not what was inferred."""
        for path, said, live in _differing(self.sections, inferred, ()):
            if path[0] not in _OF_THE_MACHINE and not is_placeholder(live):
                note = f"the stack file says {said}, and the cluster {live}; the file stands"
                yield Finding("left alone", "the stack", show_path(path), note)


def _differing(
    said: Mapping[str, object], inferred: Mapping[str, object], path: KeyPath
) -> Iterator[tuple[KeyPath, object, object]]:
    for key, value in said.items():
        other = inferred.get(key)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            yield from _differing(value, other, (*path, key))
        elif key in inferred and value != other:
            yield (*path, key), value, other


def _filled(value: Yaml) -> Yaml:
    """Without placeholders, and without what holds nothing but placeholders."""
    if isinstance(value, Mapping):
        kept = {key: _filled(each) for key, each in value.items() if not is_placeholder(each)}
        return {key: each for key, each in kept.items() if each not in ({}, []) or value[key] in ({}, [])}
    if isinstance(value, list):
        return [] if holds_placeholder(value) else value
    return value
