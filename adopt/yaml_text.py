"""Settings as YAML text, and a file's text with further keys in it: what stands there stays as it is."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from io import StringIO

from adopt.known import Yaml, holds_placeholder
from config.files import is_text

_WIDEST_FLOW = 90
_ENDLESS = 1 << 20
_FLOW_INDICATOR = "?"
"""In a mapping on one line PyYAML, as YAML 1.1 has it, ends a plain text here; YAML 1.2, as it is written, does not."""


def yaml_text(values: Mapping[str, object], indent: int = 0) -> str:
    """The values as YAML, a short mapping on one line; the same values give the same bytes.

    Args:
        values: plain values.
        indent: spaces before each line.
    """
    text = StringIO()
    round_trip().dump(as_node(values), text)
    return "".join(f"{' ' * indent}{line}" for line in text.getvalue().splitlines(keepends=True))


def extended(text: str, additions: Mapping[str, object]) -> str:
    """A file's text with keys added that it has not; every line that is there already stays byte for byte.

    Args:
        text: YAML whose root is a mapping.
        additions: nested values; where the file has a value already, and no placeholder, that one stays.
    """
    emitter = round_trip()
    root = emitter.load(text)
    before = dumped_lines(emitter, root)
    _add(root, additions)
    after = dumped_lines(emitter, root)
    lines = text.splitlines(keepends=True)
    if len(before) != len(lines):  # the emitter would lay out what is there in another way, so lines cannot be matched
        return "".join(after)
    kept = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        kept += lines[start:end] if tag == "equal" else after[new_start:new_end]
    return "".join(kept)


def _add(node: Yaml, additions: Mapping[str, object]) -> None:
    for key, value in additions.items():
        there = node.get(key)
        if isinstance(there, Mapping) and isinstance(value, Mapping):
            _add(there, value)
        elif key not in node or holds_placeholder(there) or (there is None and isinstance(value, Mapping)):
            node[key] = as_node(value)


def dumped_lines(emitter: Yaml, root: Yaml) -> list[str]:
    """The lines of YAML as an emitter lays it out."""
    text = StringIO()
    emitter.dump(root, text)
    return text.getvalue().splitlines(keepends=True)


def round_trip() -> Yaml:
    """A reader and emitter of YAML that keeps comments, order and quotes."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - no other command needs it

    emitter = YAML()
    emitter.width = _ENDLESS
    emitter.preserve_quotes = True
    emitter.indent(mapping=2, sequence=4, offset=2)
    emitter.representer.add_representer(type(None), _null)
    return emitter


def _null(representer: Yaml, _value: None) -> Yaml:
    """A null that can be seen: it takes something away."""
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def as_node(value: Yaml) -> Yaml:
    """A plain value as the emitter holds it; short mappings and lists on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq  # noqa: PLC0415 - see above
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString  # noqa: PLC0415 - see above

    node: Yaml
    if isinstance(value, Mapping):
        node = CommentedMap((key, as_node(each)) for key, each in value.items())
    elif isinstance(value, list | tuple):
        node = CommentedSeq(map(as_node, value))
    else:
        quoted = isinstance(value, str) and (not is_text(value) or _FLOW_INDICATOR in value)
        return DoubleQuotedScalarString(value) if quoted else _plain(value)
    if not value or (_flat(value) and len(str(value)) <= _WIDEST_FLOW):
        node.fa.set_flow_style()
    return node


def _plain(value: Yaml) -> Yaml:
    return str(value) if isinstance(value, str) else value


def _flat(value: Yaml) -> bool:
    """Whether a mapping or list holds nothing but short scalars."""
    items = value.values() if isinstance(value, Mapping) else value
    return not any(isinstance(each, Mapping | list | tuple) or "\n" in str(each) for each in items)
