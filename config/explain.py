"""Where a setting's value comes from: the file and line, or the default, and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

from config.errors import did_you_mean
from config.files import KeyPath, YamlFile, parse_path, show_path
from config.load import Source, origin
from config.merge import has
from config.model import Model
from config.reference import default_text, type_text
from config.stack import PROJECT, Sections, StackSettings


class UnknownKeyError(ValueError):
    """There is no such key; ``str()`` names the nearest one."""


@dataclass(frozen=True)
class Explanation:
    """One value of a stack's settings."""

    path: str
    """The key's path, ``services.gateway.replicas``."""
    value: object
    """The value in force, in plain types."""
    origin: str
    """``Pulumi.uat.yaml:91 (serviceDefaults.replicas)``, or ``default``."""
    default: str
    """The default as it would stand in the file; empty where the key must be set."""
    allowed: str
    """What may stand there."""
    meaning: str
    """The key's documentation."""


def explain(settings: StackSettings, source: Source, catalogue: YamlFile, wanted: str) -> list[Explanation]:
    """Explain a key, or every key below a section or a service.

    Args:
        settings: the stack's settings.
        source: the stack file that they were loaded from.
        catalogue: the catalogue that they were loaded from.
        wanted: a path such as ``gateway.replicas``, ``services.gateway``, ``alb.listeners``.

    Raises:
        UnknownKeyError: there is no such key.
    """
    path = parse_path(wanted)
    if path and path[0] in settings.services:
        path = ("services", *path)
    return list(_explained(_Place.of(settings, path), source, catalogue))


@dataclass(frozen=True)
class _Place:
    """A value and the model's attribute that holds it, or holds the list or mapping that it is in."""

    path: KeyPath
    value: object
    owner: type[Model]
    attribute: str

    @classmethod
    def of(cls, settings: StackSettings, path: KeyPath) -> "_Place":
        place = cls((), settings, StackSettings, "")
        for part in path:
            place = place.below(part)
        return place

    def below(self, part: str | int) -> "_Place":
        path = (*self.path, part)
        if isinstance(self.value, Model):
            keys = keys_of(self.value)
            if part not in keys:
                raise UnknownKeyError(_unknown(part, self.path, keys))
            attribute = keys[str(part)]
            return _Place(path, getattr(self.value, attribute), type(self.value), attribute)
        if isinstance(self.value, dict):
            if part not in self.value:
                raise UnknownKeyError(_unknown(part, self.path, self.value))
            return _Place(path, self.value[part], self.owner, self.attribute)
        if isinstance(self.value, tuple | list) and isinstance(part, int) and part < len(self.value):
            return _Place(path, self.value[part], self.owner, self.attribute)
        raise UnknownKeyError(f"{show_path(self.path)} is {plain_value(self.value)!r} here: it holds no {part!r}")


def keys_of(model: Model) -> dict[str, str]:
    """The keys of a model in the file and their attributes; of a stack, its sections and ``services``."""
    if isinstance(model, StackSettings):
        return {**Sections.model_fields_by_alias(), "services": "services"}
    return model.model_fields_by_alias()


def plain_value(value: object) -> object:
    """A value in the types of JSON, with the keys of the file."""
    if isinstance(value, Model):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items()}
    return value


def _explained(place: _Place, source: Source, catalogue: YamlFile) -> Iterator[Explanation]:
    if isinstance(place.value, Model):
        for key in keys_of(place.value):
            yield from _explained(place.below(key), source, catalogue)
        return
    if place.path in ((), ("services",)) and isinstance(place.value, dict):
        for key in place.value:
            yield from _explained(place.below(key), source, catalogue)
        return
    whole = place.owner.model_fields[place.attribute]
    inside = place.path[-1] != (whole.alias or place.attribute)
    yield Explanation(
        show_path(place.path),
        plain_value(place.value),
        _origin(place.path, source, catalogue),
        "" if inside else default_text(place.owner, place.attribute),
        "" if inside else type_text(_types(place.owner)[place.attribute]),
        place.owner.documentation().get(place.attribute, ""),
    )


@cache  # a section with many keys asks once for each
def _types(owner: type[Model]) -> dict[str, Any]:
    return get_type_hints(owner, include_extras=True)


def _origin(path: KeyPath, source: Source, catalogue: YamlFile) -> str:
    where, prefix, rest = origin(path, source.values, catalogue.values)
    if where == "catalogue":
        return _at(catalogue.name, catalogue.line(rest), show_path(rest))
    if not has(source.values, (*prefix, *rest)):
        return "default"
    line = source.file.line(("config", f"{PROJECT}:{prefix[0]}", *prefix[1:], *rest))
    return _at(source.file.name, line, show_path((*prefix, *rest)))


def _at(file: str, line: int | None, path: str) -> str:
    return f"{file}:{line} ({path})" if line else f"{file} ({path})"


def _unknown(part: str | int, above: KeyPath, known: dict[str, str]) -> str:
    return f'there is no key "{part}" in {show_path(above) if above else "a stack"}; {did_you_mean(str(part), known)}'
