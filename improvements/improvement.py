"""The improvements that are open for a service, each with what it changes and what stands in its way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from components.manifests.objects import objects_of
from config import SettingsError, StackSettings, load
from config.files import YamlFile
from config.load import Source
from config.merge import deep_merge
from config.service import Service
from improvements.edit import Edit, Values, changed
from improvements.effect import Effect, effect, torn
from improvements.fragment import DIRECTIVE, fields_of, is_in, shown
from improvements.subject import POD, Subject


def nothing(_subject: Subject) -> Iterator[str]:
    """No sentence about any service."""
    yield from ()


@dataclass(frozen=True)
class Item:
    """One kind of improvement."""

    name: str
    """Its name on the command line."""
    risk: str
    """What goes wrong without it, in a sentence."""
    source: str
    """Where that can be read: a public address."""
    edit: Callable[[Subject], Edit]
    """What it does to the service's entry; an edit that changes nothing means that there is nothing to improve."""
    blocked: Callable[[Subject, Subject], Iterator[str]] = lambda _before, _after: nothing(_before)
    """What must be done first, told from the service before and after it; beside what `ackp check` would say."""
    first: Callable[[Subject], Iterator[str]] = nothing
    """What settings do not tell and people must look at first, with the commands that show it."""


@dataclass(frozen=True)
class Improvement:
    """An improvement that is open for a service."""

    item: Item
    """Its kind."""
    rank: int
    """Its place in the order of the risks, from 1."""
    entry: Values
    """The service's entry with it."""
    edit: Edit
    """What makes the entry that."""
    effect: Effect | None
    """What it changes of the objects; None where that is not known before it can be made."""
    blocked: tuple[str, ...]
    """What must be done first; empty where it can be applied."""
    first: tuple[str, ...]
    """What people must look at before `pulumi up`."""


@dataclass(frozen=True)
class Stack:
    """A stack's files and the settings that they say."""

    source: Source
    """The stack file."""
    catalogue: YamlFile
    """The catalogue."""
    settings: StackSettings
    """Their settings."""

    @classmethod
    def load(cls, source: Source, catalogue: YamlFile) -> Stack:
        """A stack whose settings are accepted.

        Raises:
            SettingsError: they are not.
        """
        return cls(source, catalogue, load(source, catalogue, secrets="generated"))

    def subject(self, name: str, told: Mapping[str, str] | None = None) -> Subject:
        """A service."""
        services, defaults = self.source.values.get("services"), self.source.values.get("serviceDefaults")
        own = services.get(name) if isinstance(services, Mapping) else None
        base = self.catalogue.values.get(name)
        under = deep_merge(_mapping(defaults), _mapping(base))
        return Subject(self.settings, name, _mapping(own), under, told or {})

    def with_entry(self, name: str, entry: Values) -> Source:
        """The stack file's values with another entry for a service."""
        services = {**_mapping(self.source.values.get("services")), name: entry}
        return replace(self.source, values={**self.source.values, "services": services})


def improvements(
    stack: Stack, name: str, items: Sequence[Item], told: Mapping[str, str] | None = None
) -> list[Improvement]:
    """The improvements that are open for a service, by the risk that they remove.

    Args:
        stack: the stack.
        name: the service.
        items: the kinds of improvements, by risk.
        told: by item, what people told beside its name.
    """
    subject = stack.subject(name, told)
    found = (improvement(stack, subject, item, rank) for rank, item in enumerate(items, 1))
    return [each for each in found if each is not None]


def left(subject: Subject, items: Sequence[Item]) -> list[str]:
    """The fields of the patch that no improvement takes out, as they are shown."""
    claims = [field for item in items for field in item.edit(subject).dropped]
    return [shown(each) for each in subject.patched if not is_in(each, claims)]


def improvement(stack: Stack, subject: Subject, item: Item, rank: int) -> Improvement | None:
    """One improvement of a service; None where it is not open."""
    edit = item.edit(subject)
    entry = changed(subject.own, subject.under, edit)
    elsewhere = [shown(each) for each in fields_of(_mapping(subject.under.get("patch"))) if is_in(each, edit.dropped)]
    if entry == subject.own and not edit.needs and not elsewhere:
        return None
    blocked = [edit.needs] if edit.needs else []
    blocked += [
        f"{each} stands in the catalogue or in serviceDefaults: move it to services.{subject.name}.patch"
        for each in elsewhere
    ]
    after, problems = _after(stack, subject, entry)
    blocked += problems
    first = list(item.first(subject))
    found = None
    if after is not None and not edit.needs:
        blocked += item.blocked(subject, after)
        listed = (*POD, "volumes", DIRECTIVE)
        if not list(torn(subject.objects, listed=False)):
            blocked += torn(after.objects, listed=listed in after.patched)
        found = effect(subject.objects, after.objects)
        if found.restarts and subject.service.image.moves:
            tag = subject.service.image.tag
            first.append(f"the restart brings whatever the tag {tag} names by then: see the item image")
    return Improvement(item, rank, entry, edit, found, tuple(dict.fromkeys(blocked)), tuple(first))


def _after(stack: Stack, subject: Subject, entry: Values) -> tuple[Subject | None, list[str]]:
    """The service with another entry, as far as its objects can be built, and what `ackp check` would say of it."""
    source = stack.with_entry(subject.name, entry)
    problems: list[str] = []
    try:
        settings = load(source, stack.catalogue, secrets="generated")
    except SettingsError as error:
        problems = [_told(each.path, each.rule, each.mend) for each in error.problems]
        try:
            service = Service.model_validate_json(json.dumps(deep_merge(subject.under, entry)))
        except ValidationError:
            return None, problems
        services = {**stack.settings.services, subject.name: service}
        settings = stack.settings.model_copy(update={"services": services})
    after = Subject(settings, subject.name, entry, subject.under, subject.told)
    try:
        objects_of(settings, subject.name)
    except ValueError:
        return None, problems
    return after, problems


def _told(path: str, rule: str, mend: str) -> str:
    return f"{path} {rule}{f': {mend}' if mend else ''}"


def _mapping(value: object) -> Values:
    return dict(value) if isinstance(value, Mapping) else {}
