"""Which settings there are, from the models themselves."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from config.service import Service
from config.stack import SECRET_KEYS, Sections


@cache
def setting_keys() -> frozenset[str]:
    """Every key path, ``alb.listeners`` and ``services.*.eip.bandwidth``; keys of lists stand below the list's own."""
    below = {"services.*", "serviceDefaults"}
    keys = {f"{prefix}.{key}" for prefix in below for key in _keys(Service)}
    return frozenset({"services", *below, *keys, *_keys(Sections), *SECRET_KEYS})


def service_keys() -> frozenset[str]:
    """Every key path of one service: ``image.tag``."""
    return frozenset(_keys(Service))


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        alias = field.alias or name
        yield alias
        for inner in _models(field.annotation):
            yield from (f"{alias}.{key}" for key in _keys(inner))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
