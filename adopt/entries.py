"""Where each setting of a service is stated: in the catalogue, for all services of the stack, or for the one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adopt.deployment import Settings
from config.merge import deep_merge
from config.service import Service

_SHARED = ("executableJar",)
"""What a service is in every environment, as far as one of them can tell."""
_OWN = ("annotations", "image", "names", "patch", "selectorLabels")
"""What is never the same for all services, or must not hold for one that is added later."""


@dataclass(frozen=True)
class Entries:
    """The services' part of the files."""

    catalogue: dict[str, Settings]
    """Entries that the catalogue lacks."""
    defaults: Settings
    """``serviceDefaults``."""
    services: dict[str, Settings]
    """``services``: what differs from the other two."""


def entries(
    services: Mapping[str, Settings], catalogue: Mapping[str, object], defaults: Mapping[str, object] | None
) -> Entries:
    """Distribute the services' complete entries.

    Args:
        services: complete entries, accepted by the model.
        catalogue: what the catalogue says.
        defaults: what ``serviceDefaults`` says already; None lets it be what all the services have in common.
    """
    lacking = {
        name: {key: entry[key] for key in _SHARED if entry.get(key) is not None}
        for name, entry in services.items()
        if name not in catalogue
    }
    known = {**catalogue, **lacking}
    bases = {name: _mapping(known[name]) for name in services}
    wanted = {name: service_model(entry) for name, entry in services.items()}
    if defaults is None:
        own = [_own(bases[name], model) for name, model in wanted.items()]
        defaults = _common([{key: value for key, value in each.items() if key not in _OWN} for each in own])
    own_entries = {name: _own(deep_merge(defaults, bases[name]), model) for name, model in wanted.items()}
    return Entries(lacking, dict(defaults), own_entries)


def service_model(entry: Mapping[str, object]) -> Service:
    """A complete entry as a model."""
    return Service.model_validate_json(json.dumps(entry))


def _own(base: Mapping[str, object], wanted: Service) -> Settings:
    """What is stated over a base so that the model becomes the wanted one; the image always is."""
    full = wanted.model_dump(mode="json", by_alias=True)
    short = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    under = service_model({**base, "image": short["image"]})
    differing = _over(under.model_dump(mode="json", by_alias=True, exclude_defaults=True), short, full)
    return {"image": short["image"], **differing}


def _over(base: Settings, wanted: Settings, full: Settings) -> Settings:
    found: Settings = {}
    for key, value in wanted.items():
        if key in base and isinstance(base[key], Mapping) and isinstance(value, Mapping):
            if below := _over(dict(base[key]), dict(value), full[key]):
                found[key] = below
        elif key not in base or base[key] != value:
            found[key] = value
    return found | {key: full[key] for key in base if key not in wanted}


def _common(owns: Sequence[Settings]) -> Settings:
    """The leaves that all have with the same value; none where there is only one service."""
    if len(owns) < 2:  # noqa: PLR2004 -- one service has nothing in common with another
        return {}
    first, *others = owns
    found: Settings = {}
    for key, value in first.items():
        theirs = [each.get(key, _ABSENT) for each in others]
        if isinstance(value, Mapping) and all(isinstance(each, Mapping) for each in theirs):
            if below := _common([dict(value), *theirs]):
                found[key] = below
        elif all(each == value and type(each) is type(value) for each in theirs):
            found[key] = value
    return found


_ABSENT = object()


def _mapping(value: object) -> Settings:
    return dict(value) if isinstance(value, Mapping) else {}
