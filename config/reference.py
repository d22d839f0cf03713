"""The reference of all settings as one page, generated from the models."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, JsonValue

from config.documentation import class_docstring, plain
from config.model import Model
from config.scalars import SERVICE_NAME
from config.service import Service
from config.stack import PROJECT, SECRET_KEYS, Sections
from config.text import Text

_HEAD = f"""# Settings

Generated from the models in `config/` by `ackp schema --write`; do not edit.

A stack file `Pulumi.STACK.yaml` holds the keys below under `config:`, each with the prefix `{PROJECT}:`. The catalogue
`config/services.yaml` holds what the services are in every environment; a stack names the services that it runs under
`services` and states what differs there. Merged are, the later winning: the defaults below, `serviceDefaults`, the
catalogue, the stack's `services`. Mappings merge key by key; lists are replaced; `null` removes.

`ackp explain SERVICE.KEY --stack STACK` prints a value and the file it came from; `ackp check` validates.

Secrets are keys of their own and always encrypted: {", ".join(f"`{key}`" for key in SECRET_KEYS)}. Set one with
`pulumi config set --stack STACK --secret KEY`.
"""


def settings_page() -> str:
    """Markdown: one table for each mapping of a stack file, in the order in which the keys are declared."""
    parts = [_HEAD, "## The stack\n", _table(Sections).rstrip() + "\n" + _services_rows()]
    for key, name in Sections.model_fields_by_alias().items():
        parts += _section(key, _hint(Sections, name), 2)
    parts += _model_part("services.{service}", Service, 2)
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def type_text(hint: object) -> str:
    """What may stand in a key, in words: ``1 to 100``, ``tcp or http``, ``list of mappings``."""
    arguments = get_args(hint)
    if hint is JsonValue:
        return "anything"
    if get_origin(hint) is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if arguments:
        return _composed(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "mapping"
    return {str: "text", int: "number", bool: "true or false"}[hint] if isinstance(hint, type) else ""


def _composed(hint: object) -> str:
    """A literal, a union, a list or a mapping."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin is tuple:
        inner = type_text(arguments[0])
        return "list of mappings" if inner == "mapping" else f"list; each item {inner}"
    if origin is dict:
        return f"mapping; each key {type_text(arguments[0])}; each value {type_text(arguments[1])}"
    choices = dict.fromkeys(type_text(argument) for argument in arguments if argument is not type(None))
    return ", or ".join(choices)


def default_text(model: type[Model], name: str) -> str:
    """A key's default as it would stand in the file; empty where the key must be set."""
    field = model.model_fields[name]
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Model):
        stated = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return json.dumps(stated) if stated else "the defaults below"
    if isinstance(value, tuple):
        value = [
            item.model_dump(by_alias=True, exclude_unset=True) if isinstance(item, Model) else item for item in value
        ]
    return "unset" if value is None else json.dumps(value, ensure_ascii=False)


def nested_models(hint: object) -> list[type[Model]]:
    """The models that a key may hold, through unions and containers, in order."""
    if isinstance(hint, type) and issubclass(hint, Model):
        return [hint]
    if get_origin(hint) is Literal:
        return []
    return list(dict.fromkeys(model for argument in get_args(hint) for model in nested_models(argument)))


def _hint(model: type[Model], name: str) -> object:
    return get_type_hints(model, include_extras=True)[name]


def _annotated(base: object, metadata: tuple[Any, ...]) -> str:
    text = next((each for each in metadata if isinstance(each, Text)), None)
    if text is not None:
        return text.rule if text.example in text.rule + "example" else f"{text.rule}, for example `{text.example}`"
    bounds = {type(each): each for each in _constraints(metadata)}
    low, high = bounds.get(Ge), bounds.get(Le)
    if isinstance(low, Ge) and isinstance(high, Le):
        return f"{low.ge} to {high.le}"
    shown = type_text(base)
    if shown.startswith(("list", "mapping;")) and MinLen in bounds:
        return f"{shown}, not empty"
    return shown


def _constraints(metadata: tuple[Any, ...]) -> Iterator[Ge | Le | MinLen | MaxLen]:
    for each in metadata:
        for constraint in (each, *getattr(each, "metadata", ())):
            if isinstance(constraint, Ge | Le | MinLen | MaxLen):
                yield constraint


def _section(path: str, hint: object, depth: int) -> list[str]:
    """The tables of the models under a key; where a key has choices, each has its own table."""
    return [part for model in nested_models(hint) for part in _model_part(path + _suffix(hint), model, depth)]


def _suffix(hint: object) -> str:
    """``[]`` below a list."""
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return "[]" if get_origin(inner) is tuple else ""


def _model_part(path: str, model: type[Model], depth: int) -> list[str]:
    tag = _tag(model)
    title = f"{'#' * min(depth, 4)} `{path}`{f' with `{tag}`' if tag else ''}\n"
    parts = [title, class_docstring(model) + "\n", _table(model)]
    for key, name in model.model_fields_by_alias().items():
        parts += _section(f"{path}.{key}", _hint(model, name), depth + 1)
    return parts


def _tag(model: type[Model]) -> str:
    """``ownership: owned``, for one of several shapes of a key."""
    for name in ("ownership", "source", "by"):
        if name in model.model_fields and model.model_fields[name].is_required():
            values = get_args(model.model_fields[name].annotation)
            if len(values) == 1:
                return f"{name}: {values[0]}"
    return ""


def _table(model: type[Model]) -> str:
    rows = ["| key | allowed | default | meaning |", "|---|---|---|---|"]
    for key, name in model.model_fields_by_alias().items():
        default = default_text(model, name)
        shown = f"`{default}`" if default and default not in ("unset", "the defaults below") else default
        meaning = model.documentation().get(name) or "Says which of the shapes this is."
        rows.append(_row(f"`{key}`", type_text(_hint(model, name)), shown or "**required**", meaning))
    return "\n".join(rows) + "\n"


def _services_rows() -> str:
    names = f"mapping of {SERVICE_NAME.rule}, for example `{SERVICE_NAME.example}`, to settings of a service"
    return "\n".join(
        [
            _row("`serviceDefaults`", "settings of a service", "unset", "What holds for all services of this stack."),
            _row("`services`", names, "**required**", "The services that run here, and what differs here."),
        ]
    )


def _row(*cells: str) -> str:
    return "| " + " | ".join(plain(cell).replace("|", "\\|") for cell in cells) + " |"
