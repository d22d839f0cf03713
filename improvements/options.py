"""SYSTEM_OPTIONS and PROGRAM_PARAMS as the program writes them, with the service's own ones after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.manifests.env_vars import program_params, system_options
from config.checks.secrets import is_secret
from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject


def _edit(subject: Subject) -> Edit:
    service = subject.service
    written = {
        "SYSTEM_OPTIONS": ("systemOptions", system_options(service)),
        "PROGRAM_PARAMS": ("programParams", program_params(subject.settings, subject.name)),
    }
    settings: dict[tuple[str, ...], object] = {}
    dropped = []
    for variable, (key, options) in written.items():
        field = subject.of_container("env", variable)
        if any(each[: len(field)] == field for each in subject.patched):
            own = _own((subject.variable(variable) or "").split(), options)
            if any(is_secret(_key(each).removeprefix("-D").lstrip("-"), each.partition("=")[2]) for each in own):
                return Edit(
                    needs=f"an option of {variable} is a secret in plain text: move it to a Secret and envFromSecrets"
                )
            stated = list(service.system_options if key == "systemOptions" else service.program_params)
            settings[key,] = [*stated, *own]
            dropped.append(field)
    return Edit(settings, dropped)


def _own(live: Sequence[str], written: Sequence[str]) -> list[str]:
    """The live options that the program does not write, whatever their values."""
    keys = {_key(each) for each in written}
    return [each for each in live if _key(each) not in keys]


def _key(option: str) -> str:
    return option.partition("=")[0]


def _first(subject: Subject) -> Iterator[str]:
    if subject.service.nas is not None:
        yield "Spring Boot before 2.4 does not know `optional:` in spring.config.additional-location"


OPTIONS = Item(
    "options",
    "a missing configuration directory ends the process, and profile, port and directory have to be typed twice",
    "https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.optional-prefix",
    _edit,
    first=_first,
)
