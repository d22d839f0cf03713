"""From plain values to validated settings: merge, validate everything at once, report everything at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter, ValidationError

from config import pydantic_problems
from config.checks import expiry, problems_of
from config.errors import Problem, SettingsError, did_you_mean
from config.files import KeyPath, YamlFile, parse_path, read_yaml, show_path
from config.merge import deep_merge, has
from config.scalars import SERVICE_NAME
from config.service import Service
from config.stack import PROJECT, SECRET_KEYS, Sections, StackSettings, required_secrets

SecretState = Literal["encrypted", "plain"]
CATALOGUE = Path(__file__).with_name("services.yaml")
_SERVICE_KEYS = ("serviceDefaults", "services")


@dataclass(frozen=True)
class Source:
    """What a stack says, wherever it was read: the stack file, or the engine's configuration."""

    stack: str
    """The stack's name."""
    values: Mapping[str, object]
    """The plain values under ``ack-platform:`` by key, without the secrets."""
    secrets: Mapping[str, SecretState]
    """Which secrets are there, and whether encrypted; never their values."""
    file: YamlFile
    """The stack file, for names and lines in errors; without lines where the engine read it."""
    problems: tuple[Problem, ...] = ()
    """What was wrong while reading."""


def load(
    source: Source,
    catalogue: YamlFile,
    *,
    secrets: Literal["required", "generated"] = "required",
    today: date | None = None,
) -> StackSettings:
    """Merge, validate and check the settings of a stack.

    Args:
        source: what the stack says.
        catalogue: what the services are in every environment.
        secrets: ``generated`` where missing secrets get values of no worth (sandbox, render).
        today: the day on which entries with a last day are judged; the machine's own if left out.

    Raises:
        SettingsError: with every problem that was found.
    """
    problems = [*source.problems, *catalogue.problems, *_secret_shape_problems(source)]
    known = {*Sections.model_fields_by_alias(), *_SERVICE_KEYS, *SECRET_KEYS}
    problems += [
        Problem(key, "must be a known key", did_you_mean(key, known), value=source.values[key])
        for key in source.values
        if key not in known
    ]
    merged, merge_problems = _merged_services(source, catalogue)
    problems += merge_problems
    services: dict[str, Service] = {}
    for name, values in sorted(merged.items()):
        try:
            services[name] = Service.model_validate_json(json.dumps(values))
        except ValidationError as error:
            problems += pydantic_problems.convert(error, Service, values, ("services", name))
    sections, section_problems = _sections(source)
    problems += section_problems
    settings = StackSettings.model_construct(stack=source.stack, services=services, **sections)
    problems += problems_of(settings)
    problems += expiry.check(settings, today or date.today())  # noqa: DTZ011 -- a day on the calendar of whoever runs it
    if secrets == "required":
        problems += _missing_secrets(sections, source)
    if problems:
        raise SettingsError(source.file.name, (located(problem, source, catalogue) for problem in problems))
    return settings


def load_stack(
    stack: str, root: Path, *, secrets: Literal["required", "generated"] = "required", catalogue: Path = CATALOGUE
) -> StackSettings:
    """Load the settings of a stack from ``Pulumi.{stack}.yaml`` in ``root``.

    Raises:
        SettingsError: with every problem that was found; an unknown stack with the nearest name.
    """
    return load(read_stack(stack, root), read_yaml(catalogue), secrets=secrets)


def stack_names(root: Path) -> tuple[str, ...]:
    """The stacks of a project, by its ``Pulumi.{stack}.yaml`` files."""
    return tuple(sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml")))


def read_stack(stack: str, root: Path) -> Source:
    """Read a stack file without validating the settings in it."""
    path = root / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        mend = did_you_mean(stack, stack_names(root))
        raise SettingsError(path.name, [Problem("(stack)", "must be a stack of this project", mend, stack, path.name)])
    file = read_yaml(path)
    return source_of(stack, file)


def source_of(stack: str, file: YamlFile) -> Source:
    """Take the settings out of a stack file's content."""
    problems = list(file.problems)
    known_keys = ("config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment")
    problems += [
        Problem(
            key,
            "must be a key of a Pulumi stack file",
            did_you_mean(key, known_keys),
            file=file.name,
            line=file.line((key,)),
        )
        for key in file.values
        if key not in known_keys
    ]
    config = file.values.get("config") or {}
    values: dict[str, object] = {}
    secrets: dict[str, SecretState] = {}
    if not isinstance(config, Mapping):
        problems.append(Problem("config", "must be a mapping of keys", value=config))
        config = {}
    for full_key, value in config.items():
        namespace, _, key = str(full_key).rpartition(":")
        if namespace not in (PROJECT, ""):
            problems += _foreign_key_problems(file, str(full_key), namespace)
        elif key in SECRET_KEYS:
            secrets[key] = "encrypted" if isinstance(value, Mapping) and set(value) == {"secure"} else "plain"
        else:
            values[key] = value
    return Source(stack, values, secrets, file, tuple(problems))


def _foreign_key_problems(file: YamlFile, full_key: str, namespace: str) -> Iterator[Problem]:
    line = file.line(("config", full_key))
    if namespace in ("alicloud", "kubernetes"):
        rule = "has no effect: both providers are made from cluster.* of this file"
        mend = f"set {PROJECT}:cluster.region or {PROJECT}:cluster.kubeconfig"
        yield Problem(full_key, rule, mend, file=file.name, line=line)
    elif namespace != "pulumi":
        mend = did_you_mean(namespace, (PROJECT, "pulumi"))
        yield Problem(full_key, f"must start with '{PROJECT}:' or 'pulumi:'", mend, file=file.name, line=line)


def _secret_shape_problems(source: Source) -> Iterator[Problem]:
    for key, state in source.secrets.items():
        if state == "plain":
            yield Problem(key, "must be encrypted; its plain text was not read", _set_command(source.stack, key))
    for path in _nested_secrets(source.values, ()):
        rule = "must not be encrypted inside a setting: nested secrets come back as plain text"
        yield Problem(path, rule, f"the secrets are {', '.join(SECRET_KEYS)}; services read theirs by envFromSecrets")


def _nested_secrets(values: object, path: KeyPath) -> Iterator[str]:
    if isinstance(values, Mapping):
        if set(values) == {"secure"}:
            yield ".".join(map(str, path))
        for key, value in values.items():
            yield from _nested_secrets(value, (*path, key))


def _sections(source: Source) -> tuple[dict[str, Any], list[Problem]]:
    """The sections that are valid, by attribute; where one is not, the others are still worth checking."""
    known = Sections.model_fields_by_alias()
    values = {key: value for key, value in source.values.items() if key in known}
    try:
        sections = Sections.model_validate_json(json.dumps(values))
    except ValidationError as error:
        problems = pydantic_problems.convert(error, Sections, values, ())
        wrong = {known.get(str(details["loc"][0])) for details in error.errors(include_url=False)}
        types = get_type_hints(Sections, include_extras=True)
        valid = {
            name: TypeAdapter(types[name]).validate_json(json.dumps(values[key]))
            for key, name in known.items()
            if name not in wrong and key in values
        }
        fields = Sections.model_fields
        absent = {
            name: None if fields[name].is_required() else fields[name].get_default()
            for key, name in known.items()
            if name not in wrong and key not in values
        }
        return {**valid, **absent}, problems
    return {name: getattr(sections, name) for name in known.values()}, []


def _missing_secrets(sections: Mapping[str, Any], source: Source) -> Iterator[Problem]:
    for key in required_secrets(**{name: sections.get(name) for name in ("cluster", "environment", "nacos")}):
        if key not in source.secrets:
            yield Problem(key, "must be set: this stack needs it", _set_command(source.stack, key))


def _set_command(stack: str, key: str) -> str:
    return f"pulumi config set --stack {stack} --secret {key}"


def _merged_services(source: Source, catalogue: YamlFile) -> tuple[dict[str, dict[str, object]], list[Problem]]:
    problems: list[Problem] = []
    defaults = source.values.get("serviceDefaults") or {}
    stated = source.values.get("services")
    if not isinstance(defaults, Mapping):
        problems.append(Problem("serviceDefaults", "must be a mapping of settings", value=defaults))
        defaults = {}
    if not isinstance(stated, Mapping) or not stated:
        rule = "must name at least one service"
        mend = f"for example, services: {{{next(iter(catalogue.values), 'gateway')}: {{image: {{tag: …}}}}}}"
        return {}, [*problems, Problem("services", rule, mend, stated)]
    merged: dict[str, dict[str, object]] = {}
    for name, own in stated.items():
        path = f"services.{name}"
        base = catalogue.values.get(name)
        if not SERVICE_NAME.allows(str(name)):
            problems.append(Problem(path, f"must be {SERVICE_NAME.rule}", f"for example {SERVICE_NAME.example}", name))
        elif name not in catalogue.values:
            rule = f"must be a service of {catalogue.name}"
            problems.append(Problem(path, rule, did_you_mean(str(name), catalogue.values)))
        elif not isinstance(base, Mapping | None):
            problems.append(
                Problem(f"services.{name}", "must be a mapping of settings", value=base, file=catalogue.name)
            )
        elif not isinstance(own, Mapping | None):
            problems.append(Problem(path, "must be a mapping of settings, which may be empty: {}", value=own))
        else:
            merged[str(name)] = deep_merge(deep_merge(defaults, base or {}), own or {})
    return merged, problems


def located(problem: Problem, source: Source, catalogue: YamlFile) -> Problem:
    """The problem with the file and line where its value stands."""
    if problem.file:
        return problem
    path = parse_path(problem.path)
    file, prefix, rest = origin(path, source.values, catalogue.values)
    if file == "catalogue":
        return replace(problem, file=catalogue.name, line=catalogue.line(rest), path=show_path(rest))
    config_path: KeyPath = ("config", f"{PROJECT}:{prefix[0]}" if prefix else "", *prefix[1:], *rest)
    shown = f"{PROJECT}:{show_path((*prefix, *rest))}"
    return replace(problem, file=source.file.name, line=source.file.line(config_path), path=shown)


def origin(
    path: KeyPath, values: Mapping[str, object], catalogue: Mapping[str, object]
) -> tuple[Literal["stack", "catalogue", "defaults"], KeyPath, KeyPath]:
    """Where the value at ``path`` was stated: which file, the key path's first part, and the rest.

    ``defaults`` is also the answer for a value that is nowhere stated.
    """
    if path[:1] != ("services",) or len(path) < 3:  # noqa: PLR2004 -- services, name, key
        return "stack", path[:1], path[1:]
    name, rest = path[1], path[2:]
    if has(values, path):
        return "stack", path[:1], path[1:]
    if has(catalogue, (name, *rest)):
        return "catalogue", (), (name, *rest)
    if has(values, ("serviceDefaults", *rest)):
        return "stack", ("serviceDefaults",), rest
    return "defaults", path[:1], path[1:]
