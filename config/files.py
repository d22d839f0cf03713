"""Reading a YAML file so that it means here what it means to the engine, and so that errors name their line.

YAML 1.1 (PyYAML) and 1.2 (the engine) read ``on``, ``012``, ``1e3`` and dates differently; such values are refused.
"""

import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from config.errors import Problem, SettingsError

KeyPath = tuple[str | int, ...]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_AMBIGUOUS = re.compile(
    r"(?i:y|n|yes|no|on|off)|True|TRUE|False|FALSE|Null|NULL|[-+]?0[0-9_]+|[-+][0-9.]+|0[xob][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[0-9]+(?::[0-5]?[0-9])+"
    r"|[-+]?\.(?i:inf|nan)|[0-9]+_[0-9_]+|\.[0-9]+|[0-9]+\.|-?[0-9]{19,}"
)
_DEEPEST = 40
"""Levels of mappings and lists; the settings need eleven. A mapping that contains itself has no end."""
_PLAIN_KEY = re.compile(r"[^.\[\]\"]+")
_PATH_PART = re.compile(r'\[(?P<index>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|(?P<plain>[^.\[\]]+)')
_SHOWN = 4
"""Keys of a path that is too deep, in its report."""
_TOO_DEEP = f"must not be nested deeper than {_DEEPEST} levels"
_CONSTANTS: dict[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlFile:
    """A YAML mapping with the line of every key and the problems found while reading."""

    name: str
    values: dict[str, object]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: KeyPath) -> int | None:
        """The line of a key, or of the nearest key above it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file whose root is a mapping.

    Raises:
        SettingsError: the file cannot be read, is not YAML, or its root is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(path.name, [Problem("(file)", f"must be readable: {reason}", file=path.name)]) from None
    return parse_yaml(path.name, text)


def parse_yaml(name: str, text: str) -> YamlFile:
    """Read the text of a YAML file whose root is a mapping.

    Raises:
        SettingsError: the text is not YAML, or its root is not a mapping.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise SettingsError(name, [_syntax_problem(name, error)]) from None
    except RecursionError:
        raise SettingsError(name, [Problem("(file)", _TOO_DEEP, file=name)]) from None
    if root is None:
        return YamlFile(name, {})
    reader = _Reader(name)
    values = reader.value(root, ())
    if not isinstance(values, dict):
        raise SettingsError(name, [Problem("(file)", "must be a mapping of keys", file=name, line=1)])
    return YamlFile(name, values, reader.lines, tuple(reader.problems))


def _syntax_problem(name: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or "it cannot be parsed"
    mend = (
        "indent with spaces, never with tabs"
        if "\\t" in str(reason) or "tab" in str(reason)
        else "mend the YAML syntax here"
    )
    return Problem("(syntax)", f"must be YAML: {reason}", mend, file=name, line=mark.line + 1 if mark else None)


class _Reader:
    """Turns YAML nodes into plain values, remembering lines and what is ambiguous."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        if len(path) > _DEEPEST:
            self._refuse(path[:_SHOWN], node.start_mark.line + 1, _TOO_DEEP, "an alias (*name) must not contain itself")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: yaml.Node, path: KeyPath) -> object:
        self.lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            here = (*path, key)
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(path, line, "must have a name for each key, not a list or mapping", "name: value")
                continue
            if key in values:
                self._refuse(here, line, "must not be there twice", "keep one of the two")
            if key == "<<":
                self._refuse(
                    here, line, "must not be a YAML merge key: the engine and this reader merge differently", ""
                )
            self.lines[here] = line
            values[key] = self.value(value_node, here)
        return values

    def _scalar(self, node: yaml.Node, path: KeyPath) -> object:
        text = str(node.value)
        if getattr(node, "style", None):  # quoted or a block: text, whatever it looks like
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _AMBIGUOUS.fullmatch(text):
            mend = f'write true or false, or the text in quotes: "{text}"'
            self._refuse(path, node.start_mark.line + 1, "must mean the same to every YAML reader", mend, text)
        return text

    def _refuse(self, path: KeyPath, line: int, rule: str, mend: str, value: str | None = None) -> None:
        problem = Problem(show_path(path), rule, mend, file=self.name, line=line)
        self.problems.append(problem if value is None else Problem(problem.path, rule, mend, value, self.name, line))


def replace_text(path: Path, text: str) -> None:
    """Put another text into a file, or make the file: whole or not at all.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def is_text(plain: str) -> bool:
    """Whether a text without quotes is read as itself, by this reader and by every other one."""
    return plain not in _CONSTANTS and not any(each.fullmatch(plain) for each in (_INTEGER, _FLOAT, _AMBIGUOUS))


def show_path(path: KeyPath) -> str:
    """``services.gateway.ingress.paths[0]``; a key with a dot in it stands in ``["…"]``."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            shown += f".{part}" if shown else part
        else:
            shown += f"[{json.dumps(part, ensure_ascii=False)}]"
    return shown or "(root)"


def parse_path(shown: str) -> KeyPath:
    """The key path that ``show_path`` has written."""
    return tuple(
        int(match["index"]) if match["index"] else json.loads(match["quoted"]) if match["quoted"] else match["plain"]
        for match in _PATH_PART.finditer(shown)
    )
