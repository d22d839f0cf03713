"""A stack file's text with another image, or another setting, of one service; what it says beside that stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from components.manifests.pod import RESTARTED_AT
from config import SettingsError
from config.files import YamlFile, parse_yaml
from config.load import Source, source_of
from config.merge import deep_merge
from improvements.edit import Edit, changed
from improvements.improvement import Stack
from improvements.stack_file import StackFileError, edited
from rollout.entry_text import with_image, with_setting
from rollout.wanted import RolloutError, Wanted

_ACCEPTED = {"image": {"digest": f"sha256:{'0' * 64}", "tag": None, "rollout": None}}
"""An entry whose image no rule refuses."""
_RESTARTED_BY_KUBECTL = ("deployment", "spec", "template", "metadata", "annotations", RESTARTED_AT)


def stack_for_image(source: Source, catalogue: YamlFile, service: str) -> Stack:
    """A stack of which a service gets another image: what is wrong with the one that goes does not matter.

    Where it alone is wrong, the settings have a digest in its place that names nothing.

    Args:
        source: what the stack says.
        catalogue: the catalogue.
        service: the service; one that the stack does not run has no image that goes.

    Raises:
        SettingsError: something else is wrong; with everything that is.
    """
    try:
        return Stack.load(source, catalogue)
    except SettingsError:
        services = _mapping(source.values.get("services"))
        if service in services:
            entry = deep_merge(_mapping(services[service]), _ACCEPTED)
            mended = replace(source, values={**source.values, "services": {**services, service: entry}})
            with suppress(SettingsError):
                return replace(Stack.load(mended, catalogue), source=source)
        raise


def with_wanted(text: str, stack: Stack, service: str, wanted: Wanted) -> str:
    """The text of a stack file with another image of a service.

    Args:
        text: the file's text.
        stack: the same, read and accepted.
        service: the service.
        wanted: the image.

    Raises:
        RolloutError: the file cannot be edited in place.
        SettingsError: `ackp check` would refuse the edited file.
    """
    values = {"digest": wanted.digest, "tag": wanted.tag, "rollout": None}
    # What goes is taken out last: before that the image may be one of which nobody can say what is stated.
    stated = dict(sorted(values.items(), key=lambda each: each[1] is None))
    in_place = Edit({("image", key): value for key, value in stated.items()})
    whole = Edit({("image",): _whole(stack, service, stated)})
    ways = [
        (with_image(text, service, wanted.tag, wanted.digest), in_place),
        (_edited(text, stack.source.file, stack, service, in_place), in_place),
        (_edited(text, replace(stack.source.file, lines={}), stack, service, whole), whole),
    ]
    return _accepted(ways, stack, service, "image")


def with_restart(text: str, stack: Stack, service: str, moment: str) -> str:
    """The text of a stack file that asks for a restart of a service's pods.

    A time of ``kubectl rollout restart`` that adopting kept in the patch gives way: it would win.

    Args:
        text: the file's text.
        stack: the same, read and accepted.
        service: the service.
        moment: when it was asked for.

    Raises:
        RolloutError: the file cannot be edited in place.
        SettingsError: `ackp check` would refuse the edited file.
    """
    edit = Edit({("restartedAt",): moment}, [_RESTARTED_BY_KUBECTL])
    ways = [
        (with_setting(text, service, "restartedAt", moment), edit),
        (_edited(text, stack.source.file, stack, service, edit), edit),
        (_edited(text, replace(stack.source.file, lines={}), stack, service, edit), edit),
    ]
    return _accepted(ways, stack, service, "restart")


def _accepted(ways: Iterable[tuple[str | None, Edit]], stack: Stack, service: str, what: str) -> str:
    """The first of the edited texts that changes what its edit says and nothing else."""
    subject = stack.subject(service)
    for after, edit in ways:
        file = None if after is None else _parsed(stack, after)
        entry = changed(subject.own, subject.under, edit)
        # Whatever a form changes of other services, through an alias or an anchor, it is not taken.
        if after and file and file.values == _with_entry(stack.source.file.values, service, entry):
            Stack.load(source_of(stack.source.stack, file), stack.catalogue)
            return after
    raise RolloutError(f"{stack.source.file.name}: the {what} of {service} cannot be edited in place")


def _edited(text: str, file: YamlFile, stack: Stack, service: str, edit: Edit) -> str | None:
    """The text after an edit of the service's lines; of the whole file, where `file` does not say which they are."""
    try:
        return edited(text, file, service, stack.subject(service).under, edit)
    except StackFileError:
        return None


def _parsed(stack: Stack, text: str) -> YamlFile | None:
    try:
        return parse_yaml(stack.source.file.name, text)
    except SettingsError:
        return None


def _whole(stack: Stack, service: str, image: Mapping[str, str | None]) -> dict[str, str]:
    repository = stack.settings.services[service].image.repository
    return {key: value for key, value in {"repository": repository, **image}.items() if value is not None}


def _with_entry(values: Mapping[str, object], service: str, entry: object) -> Mapping[str, object]:
    """A stack file's values with another entry for a service."""
    services = _mapping(_mapping(values["config"])["ack-platform:services"])
    config = {**_mapping(values["config"]), "ack-platform:services": {**services, service: entry}}
    return {**values, "config": config}


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}
