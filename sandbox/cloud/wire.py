"""Property values between the engine's protobuf ``Struct`` and Python.

Numbers travel as doubles; a whole one becomes an ``int``. A secret travels in an envelope and becomes a `Secret`.
A value that preview does not know yet travels as a fixed text, `UNKNOWN`, and stays that text.
Source of the envelopes: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloud.protocol import Message, struct_pb2

Value = Any
"""None, bool, int, float, str, a list or a mapping of values, or a `Secret`."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the envelope's public mark, not a secret


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must never become plain in the engine's state."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


def decode(struct: Message) -> dict[str, Any]:
    """Return the Python form of a protobuf ``Struct``."""
    return {key: _decoded(value) for key, value in struct.fields.items()}


def _decoded(value: Message) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
            return Secret(_decoded(fields["value"]))
        return {key: _decoded(item) for key, item in fields.items()}
    if kind == "list_value":
        return [_decoded(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def encode(properties: Mapping[str, Any]) -> Message:
    """Return the protobuf ``Struct`` of a mapping of plain values and `Secret`."""
    struct = struct_pb2.Struct()
    _fill(struct.fields, properties)
    return struct


def _fill(fields: Message, mapping: Mapping[str, Any]) -> None:
    for key, value in mapping.items():
        _put(fields[key], value)


def _put(slot: Message, value: Value) -> None:
    match value:
        case str():
            slot.string_value = value
        case bool():
            slot.bool_value = value
        case int() | float():
            slot.number_value = value
        case Secret():
            slot.struct_value.fields[_SIGNATURE].string_value = _SECRET
            _put(slot.struct_value.fields["value"], value.value)
        case Mapping():
            slot.struct_value.SetInParent()
            _fill(slot.struct_value.fields, value)
        case list() | tuple():
            slot.list_value.SetInParent()
            for item in value:
                _put(slot.list_value.values.add(), item)
        case _:
            slot.null_value = 0


def reveal(value: Value) -> Value:
    """Return a value with every `Secret` opened: for looking at, never for answering or storing."""
    match value:
        case Secret():
            return reveal(value.value)
        case dict():
            return {key: reveal(item) for key, item in value.items()}
        case list():
            return [reveal(item) for item in value]
    return value
