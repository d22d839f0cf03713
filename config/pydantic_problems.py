"""pydantic's errors in the words of a stack file."""

import types
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.errors import Problem, did_you_mean, nearest
from config.files import KeyPath, show_path
from config.model import Model

_RULES = {
    "string_type": ("must be text", "one value, in quotes where it looks like a number"),
    "int_type": ("must be a whole number, without quotes", "for example 5"),
    "int_from_float": ("must be a whole number", "for example 5"),
    "bool_type": ("must be true or false, without quotes", "true or false"),
    "model_type": ("must be a mapping of keys", "key: value, each on a line of its own"),
    "model_attributes_type": ("must be a mapping of keys", "key: value, each on a line of its own"),
    "dict_type": ("must be a mapping of keys", "key: value, each on a line of its own"),
    "too_short": ("must not be empty", "state at least one"),
    "tuple_type": ("must be a list", "start each item with '- '"),
    "list_type": ("must be a list", "start each item with '- '"),
}
_BOUNDS = {
    "less_than_equal": ("must be {le} or less", "{le} at most"),
    "greater_than_equal": ("must be {ge} or more", "{ge} at least"),
    "too_long": ("must have at most {max_length} items; it has {actual_length}", "remove some"),
}


def convert(error: ValidationError, model: type[Model], values: object, prefix: KeyPath) -> list[Problem]:
    """One problem for each of pydantic's errors.

    Args:
        error: what pydantic found.
        model: the model that was validated, for the known keys of an unknown one.
        values: the validated values, for the path as it stands in the file.
        prefix: the path of ``values`` in the stack file.
    """
    errors = error.errors(include_url=False)
    places = [details["loc"] for details in errors]
    found: dict[tuple[str | int, ...], Problem] = {}
    for details in errors:
        loc = details["loc"]
        if any(place != loc and place[: len(loc)] == loc for place in places):
            continue
        problem = _problem(details, model, values, prefix)
        # Where a value may be of one type or another, pydantic says of each why it is not; its owner has one problem.
        place = loc[:-1] if _names_a_type(loc, values) else loc
        other = found.get(place)
        rule = problem.rule if other is None else f"{other.rule}, or {problem.rule.removeprefix('must ')}"
        found[place] = replace(other or problem, rule=rule)
    return list(found.values())


def _problem(details: ErrorDetails, model: type[Model], values: object, prefix: KeyPath) -> Problem:
    path, parent = _path_in_file(details["loc"], values)
    shown = show_path((*prefix, *path))
    kind = details["type"]
    if kind == "extra_forbidden":
        key, known = str(path[-1]), _known_keys(model, details["loc"][:-1])
        free = known - set(parent)
        # A key that is there already may come from serviceDefaults or the catalogue: the second guess, not none.
        guesses = known if nearest(key, free) is None and nearest(key, known) else free
        return Problem(shown, "must be a known key", did_you_mean(key, guesses), _brief(details["input"]))
    if kind == "missing":
        return Problem(shown, "must be set", _missing_mend(model, details["loc"]))
    if kind.startswith("union_tag"):
        return _union_problem(details, model, shown)
    return _value_problem(details, shown)


def _union_problem(details: ErrorDetails, model: type[Model], shown: str) -> Problem:
    """A problem with the key that decides which keys may stand beside it."""
    context = details["ctx"]
    key = f"{shown}.{str(context['discriminator']).strip(chr(39))}"
    if details["type"] == "union_tag_not_found":
        tags = _tags(model, details["loc"])
        return Problem(key, "must be set: it decides which keys follow", f"one of {', '.join(tags)}")
    tags = [word.strip("' ") for word in str(context["expected_tags"]).split(",")]
    tag = str(context["tag"])
    return Problem(key, f"must be one of {', '.join(tags)}", did_you_mean(tag, tags), tag)


def _value_problem(details: ErrorDetails, shown: str) -> Problem:
    """A problem with a value where one is allowed."""
    kind, context, value = details["type"], details.get("ctx", {}), details["input"]
    if kind == "text":
        return Problem(shown, f"must be {context['rule']}", f"for example {context['example']}", value)
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        rule = f"must be {'one of ' if ',' in expected else ''}{expected}"
        return Problem(shown, rule, did_you_mean(str(value), expected.split(", ")), value)
    if kind == "string_type" and isinstance(value, bool | int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return Problem(shown, "must be text", f'put the value in quotes: "{text}"', value)
    if kind in _RULES:
        rule, mend = _RULES[kind]
        return Problem(shown, rule, mend, _brief(value))
    if kind in _BOUNDS:
        rule, mend = (text.format(**context) for text in _BOUNDS[kind])
        return Problem(shown, rule, mend, _brief(value))
    message = details["msg"].replace("Input should", "must").replace("Value error, ", "")
    return Problem(shown, message[:1].lower() + message[1:], value=_brief(value))


def _brief(value: object) -> object:
    """A value short enough for a report; a mapping only by its keys."""
    return f"a mapping with {', '.join(map(str, value))}" if isinstance(value, Mapping) and value else value


def _path_in_file(loc: tuple[str | int, ...], values: object) -> tuple[KeyPath, tuple[str, ...]]:
    """The error's place without the union tags that pydantic puts into it, and the keys beside it."""
    path: list[str | int] = []
    parent: tuple[str, ...] = ()
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(values, Mapping) and part in values:
            parent = tuple(map(str, values))
            values = values[part]
            path.append(part)
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
            path.append(part)
        elif last and isinstance(values, Mapping) and part != "[key]":
            parent = tuple(map(str, values))
            path.append(part)
    return tuple(path), parent


def _names_a_type(loc: tuple[str | int, ...], values: object) -> bool:
    """Whether the last part of an error's place is no key: a plain value has none."""
    for part in loc[:-1]:
        if isinstance(values, Mapping):
            values = values.get(part, values)
        elif isinstance(values, list) and isinstance(part, int):
            values = values[part]
    return loc != () and not isinstance(values, Mapping | list)


def _models(annotation: Any) -> list[type[Model]]:  # noqa: ANN401 -- a type annotation has no type of its own
    """The models that an annotation may hold, through Annotated, unions and containers."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return [annotation]
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, dict, list):
        return [model for argument in get_args(annotation) for model in _models(argument)]
    return []


def _models_at(model: type[Model], loc: tuple[str | int, ...]) -> list[type[Model]]:
    """The models that may stand at an error's place."""
    found = [model]
    for part in loc:
        tagged = [each for each in found if part in _discriminators(each)]
        if tagged:
            found = tagged
            continue
        fields = [info for each in found for name, info in each.model_fields.items() if (info.alias or name) == part]
        if fields:
            found = [inner for info in fields for inner in _models(info.annotation)]
    return found


def _discriminators(model: type[Model]) -> tuple[str, ...]:
    """The literal values of a model's discriminating field."""
    for name in ("ownership", "source", "by"):
        if name in model.model_fields:
            return tuple(map(str, get_args(model.model_fields[name].annotation)))
    return ()


def _known_keys(model: type[Model], loc: tuple[str | int, ...]) -> set[str]:
    return {info.alias or name for each in _models_at(model, loc) for name, info in each.model_fields.items()}


def _tags(model: type[Model], loc: tuple[str | int, ...]) -> list[str]:
    return [tag for each in _models_at(model, loc) for tag in _discriminators(each)]


def _missing_mend(model: type[Model], loc: tuple[str | int, ...]) -> str:
    """The first sentence of the missing key's documentation."""
    for each in _models_at(model, loc[:-1]):
        for name, info in each.model_fields.items():
            if (info.alias or name) == loc[-1] and name in each.documentation():
                return each.documentation()[name].split(". ")[0].split("; ")[0].rstrip(".").replace("`", "")
    return ""
