"""Kubernetes objects as YAML text: the same object gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from io import StringIO

from yaml import ScalarNode
from yaml._yaml import CEmitter
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from yaml.resolver import Resolver

from components.manifests.metadata import Manifest

_ENDLESS = 1 << 20
_TEXT = "tag:yaml.org,2002:str"
_RESOLVER = Resolver()
_NOT_TEXT_ELSEWHERE = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|[yYnN]")
"""What PyYAML takes for text, and readers of YAML 1.2, or of Go, for a number or a truth value."""
_MAPPING, _END_OF_MAPPING = MappingStartEvent(None, None, implicit=True, flow_style=False), MappingEndEvent()
_SEQUENCE, _END_OF_SEQUENCE = SequenceStartEvent(None, None, implicit=True, flow_style=False), SequenceEndEvent()


def file_name(manifest: Manifest) -> str:
    """``kind-namespace-name.yaml``; ``kind-name.yaml`` of an object without a namespace."""
    metadata = manifest["metadata"]
    parts = (manifest["kind"].lower(), metadata.get("namespace"), metadata["name"])
    return f"{'-'.join(part for part in parts if part)}.yaml"


def yaml_text(values: Manifest) -> str:
    """The values as YAML, keys in the builder's order; text of several lines as a block that can be read.

    The emitter is fed directly: PyYAML's dumper makes the same bytes by way of nodes, and takes four times as long.
    """
    text = StringIO()
    emitter = CEmitter(text, allow_unicode=True, width=_ENDLESS)
    emitter.emit(StreamStartEvent())
    emitter.emit(DocumentStartEvent(explicit=False))
    _emit(values, emitter.emit)
    emitter.emit(DocumentEndEvent(explicit=False))
    emitter.emit(StreamEndEvent())
    return text.getvalue()


def _emit(value: object, emit: Callable[[Event], None]) -> None:
    if isinstance(value, dict):
        emit(_MAPPING)
        for key, item in value.items():
            emit(_scalar(key))
            _emit(item, emit)
        emit(_END_OF_MAPPING)
    elif isinstance(value, (list, tuple)):
        emit(_SEQUENCE)
        for item in value:
            _emit(item, emit)
        emit(_END_OF_SEQUENCE)
    else:
        emit(_scalar(value))


@lru_cache(maxsize=4096, typed=True)
def _scalar(value: str | int | bool | None) -> ScalarEvent:  # noqa: FBT001 - a truth value is one of the scalars
    """The event of a scalar; the objects of a stack repeat most of theirs."""
    if isinstance(value, str):
        tag = _RESOLVER.resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call] # PyYAML's stubs
        plain = tag == _TEXT and "\n" not in value and not _NOT_TEXT_ELSEWHERE.fullmatch(value)
        return ScalarEvent(None, None, (plain, True), value, style="|" if "\n" in value else None)
    return ScalarEvent(None, None, (True, False), json.dumps(value))
