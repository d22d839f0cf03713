"""Hypothesis strategies read off the settings models: values that a field accepts, and values just outside.

A field's type says all: bounds, lengths, patterns and examples stand in its annotation. Only where a check that is no
pattern accepts too few random texts (networks, schedules, quantities) does this file say how to make them.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from config import scalars
from config.model import Model
from config.patch import Patch
from config.text import Text

_FEW = 3
"""The most entries of a list or mapping that is made up."""
_PATCHES: tuple[dict[str, Any], ...] = (
    {"metadata": {"annotations": {"example.com/kept": "as it was"}}},
    {"metadata": {"labels": {"env": None, "team": "a"}}},
    {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": None}}},
)
"""Patches that fit every kind: what else they say is between the operator and the API server."""


@dataclass(frozen=True)
class Field:
    """A key of a stack file: its path, and the type of its value."""

    path: tuple[str, ...]
    hint: Any

    @property
    def shown(self) -> str:
        """``services.gateway.replicas``."""
        return ".".join(self.path)


def fields(model: Model, path: tuple[str, ...]) -> Iterator[Field]:
    """Every key that a model in use has, those of the models in it too; items of lists only as a whole."""
    hints = get_type_hints(type(model), include_extras=True)
    for alias, name in type(model).model_fields_by_alias().items():
        here = (*path, alias)
        yield Field(here, hints[name])
        value = getattr(model, name)
        if isinstance(value, Model):
            yield from fields(value, here)


def inside(hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 -- one for each kind of type
    """Plain values, as YAML gives them, that a field of this type accepts by itself."""
    hint, metadata = _unwrapped(hint)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return st.one_of([inside(each) for each in get_args(hint)])
    if origin is Literal:
        return st.sampled_from(get_args(hint))
    if hint is int:
        return st.integers(_bound(metadata, Ge), _bound(metadata, Le))
    if hint is str:
        [text] = [each for each in metadata if isinstance(each, Text)] or [Text("text", "example")]
        return _texts(text)
    if origin is tuple:
        least, most = _bound(metadata, MinLen) or 0, _bound(metadata, MaxLen) or _FEW
        return st.lists(inside(get_args(hint)[0]), min_size=least, max_size=min(most, _FEW))
    if hint == Patch:
        return st.sampled_from(_PATCHES)
    if origin is dict:
        keys, values = map(inside, get_args(hint))
        return st.dictionaries(keys, values, min_size=_bound(metadata, MinLen) or 0, max_size=_FEW)
    return _simple(hint)


def outside(hint: Any) -> list[Any]:  # noqa: PLR0911 -- one for each kind of type
    """Plain values that a field of this type never accepts: one beyond each bound, and other types."""
    hint, metadata = _unwrapped(hint)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        kinds = get_args(hint)
        return [value for kind in kinds[:1] for value in outside(kind) if value is not None or type(None) not in kinds]
    if origin is Literal:
        return ["nonsense", "", None, 7, ["nonsense"]]
    if hint is bool:
        return ["true", 1, None, []]
    if hint is int:
        beyond = [_bound(metadata, Ge), _bound(metadata, Le)]
        return [number + step for number, step in zip(beyond, (-1, 1), strict=True) if number is not None] + [
            "5",
            1.5,
            True,
            None,
            10**30,
        ]
    if hint is str:
        texts = [each for each in metadata if isinstance(each, Text)]
        wrong = ["", "a\nb", "x" * 5000, " ", "\u0000"]
        return [text for text in wrong if texts and not texts[0].allows(text)] + [5, None, ["a"], {"a": "b"}, True]
    if origin is tuple:
        return ["text", {"a": 1}, None, 5, *([[]] if _bound(metadata, MinLen) else [])]
    if origin is dict:
        return ["text", ["a"], None, 5, *([{}] if _bound(metadata, MinLen) else [])]
    return ["text", ["a"], 5, {"nonsense": 1}]


def _simple(hint: Any) -> st.SearchStrategy[Any]:
    if hint is bool:
        return st.booleans()
    if hint is type(None):
        return st.none()
    hints = get_type_hints(hint, include_extras=True)
    keys = {
        alias: (inside(hints[name]), hint.model_fields[name]) for alias, name in hint.model_fields_by_alias().items()
    }
    return st.fixed_dictionaries(
        {alias: values for alias, (values, info) in keys.items() if info.is_required()},
        optional={alias: values for alias, (values, info) in keys.items() if not info.is_required()},
    )


def _unwrapped(hint: Any) -> tuple[Any, list[Any]]:
    """The bare type, and what its annotations say."""
    metadata: list[Any] = []
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        for each in more:
            metadata += each.metadata if isinstance(each, FieldInfo) else [each]
    return hint, metadata


def _bound(metadata: list[Any], kind: type[Ge | Le | MinLen | MaxLen]) -> Any:
    name = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}[kind]
    return next((getattr(each, name) for each in metadata if isinstance(each, kind)), None)


def _texts(text: Text) -> st.SearchStrategy[str]:
    example = st.just(text.example.strip('"'))
    if text in _MADE:
        return st.one_of(example, _MADE[text]).filter(text.allows)
    short = st.from_regex(text.pattern, fullmatch=True).map(lambda value: value[: text.longest]).filter(text.allows)
    return st.one_of(example, short)


def _text_of(annotated: Any) -> Text:
    [text] = [each for each in get_args(annotated) if isinstance(each, Text)]
    return text


def _numbered(suffixes: list[str]) -> st.SearchStrategy[str]:
    whole = st.integers(0, 4096).map(str)
    amounts = st.one_of(whole, st.decimals(0, 16, places=3).map(str))
    return st.builds("{}{}".format, amounts, st.sampled_from(suffixes))


_SCHEDULE_FIELDS = [
    st.one_of(
        st.just("*"),
        st.integers(low, high).map(str),
        st.integers(1, 30).map("*/{}".format),
        st.lists(st.integers(low, high), min_size=2, max_size=2).map(lambda pair: "{}-{}".format(*sorted(pair))),
    )
    for low, high in ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
]
_TAKEN = st.sampled_from(
    [
        *(
            "gateway",
            "oauth2",
            "admin",
            "registration",
            "log-retention",
            "ack-platform",
            "data",
            "tmp",
            "uat",
            "uat-alb",
        ),
        *("uat-nas", "acr-credentials", "nacos-credentials", "default-deny", "allow-dns", "config-files", "9lives"),
    ]
)
"""Names that something of a stack has already, or may not have."""
_MADE: dict[Text, st.SearchStrategy[str]] = {
    _text_of(scalars.Cidr): st.builds(
        lambda address, bits: f"{'.'.join(map(str, (address >> (32 - bits) << (32 - bits)).to_bytes(4)))}/{bits}",
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    _text_of(scalars.CronSchedule): st.tuples(*_SCHEDULE_FIELDS).map(" ".join),
    _text_of(scalars.Moment): st.datetimes().map(lambda each: f"{each:%Y-%m-%dT%H:%M:%SZ}"),
    _text_of(scalars.TimeZone): st.sampled_from(sorted(available_timezones())),
    _text_of(scalars.CpuQuantity): _numbered(["", "m"]),
    _text_of(scalars.MemoryQuantity): _numbered(["Mi", "Gi"]),
    _text_of(scalars.StorageQuantity): _numbered(["Gi", "Ti"]),
    _text_of(scalars.AnyQuantity): _numbered(["", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"]),
    _text_of(scalars.DataDirPattern): st.permutations(["{environment}", "{service}", "data"]).map(
        lambda parts: "/" + "/".join(parts)
    ),
    _text_of(scalars.AbsolutePath): st.lists(
        st.sampled_from(["etc", "run", "tmp", "app", "data", "registration", "nacos-credentials", "a.b", "_"]),
        min_size=1,
        max_size=3,
    ).map(lambda parts: "/" + "/".join(parts)),
    _text_of(scalars.DnsLabel): _TAKEN,
    _text_of(scalars.ObjectName): _TAKEN,
    _text_of(scalars.NamespaceName): _TAKEN,
    _text_of(scalars.PortName): st.sampled_from(["http", "http-metrics", "a1", "1a"]),
    _text_of(scalars.EnvName): st.sampled_from(["A", "B", "FEATURE_X", "HOME", "home", "server_port", "_", "POD_IP"]),
}
"""How to make texts whose rule is no pattern, and those where clashes are worth trying."""
