"""A stack file's text with another entry for a service: every line that stays is the same, comments included."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator, Mapping

from ruamel.yaml.error import YAMLError

from adopt.yaml_text import as_node, dumped_lines, round_trip
from config.files import YamlFile
from config.stack import PROJECT
from improvements.edit import Edit, change


class StackFileError(ValueError):
    """A stack file cannot be edited in place; nothing was written."""


def edited(text: str, file: YamlFile, service: str, under: Mapping[str, object], edit: Edit) -> str:
    """The text of a stack file after an edit of a service's entry.

    Only the lines of the entry are laid out anew, and of these only those that change. A comment on a line of its own
    stays even where what it was about goes.

    Args:
        text: the file's text.
        file: the same, read.
        service: the service.
        under: what holds where its entry says nothing.
        edit: the edit.

    Raises:
        StackFileError: the file holds the entry in a form that cannot be edited.
    """
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        return edited(text.replace("\r\n", "\n"), file, service, under, edit).replace("\n", "\r\n")
    lines = text.splitlines(keepends=True)
    for start, end, keys in _pieces(file, service, lines):
        indent = len(lines[start]) - len(lines[start].lstrip(" "))
        piece = [_outdented(line, indent) for line in lines[start:end]]
        with contextlib.suppress(YAMLError, LookupError, TypeError):
            before, after = _changed("".join(piece), keys, under, edit)
            shifted = [f"{' ' * indent}{line}" if line.strip() else line for line in after]
            return "".join([*lines[:start], *_kept(lines[start:end], before, after, shifted), *lines[end:]])
    raise StackFileError(f"{file.name}: the entry of {service} cannot be edited; nothing was written")


def _pieces(file: YamlFile, service: str, lines: list[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The parts of the file that may be edited: the entry where it has lines of its own, else the whole file.

    Each with its first line, the line after it, and the keys that lead to the entry in it.
    """
    path = ("config", f"{PROJECT}:services", service)
    first = file.lines.get(path)
    if first is not None:
        start = first - 1
        later = [line - 1 for key, line in file.lines.items() if line > first and key[: len(path)] != path]
        end = min(later, default=len(lines))
        indent = len(lines[start]) - len(lines[start].lstrip())
        while end > start + 1 and _is_outside(lines[end - 1], indent):
            end -= 1
        yield start, end, (service,)
    yield 0, len(lines), path


def _outdented(line: str, indent: int) -> str:
    """A line without the indentation of the entry; a comment may have less, and an empty line none."""
    return line if not line.strip() else line[indent:] if not line[:indent].strip() else line.lstrip(" ")


def _is_outside(line: str, indent: int) -> bool:
    """Whether a line below an entry is empty, or a comment about what comes next."""
    bare = line.strip()
    return not bare or (bare.startswith("#") and len(line) - len(line.lstrip()) <= indent)


def _changed(text: str, keys: tuple[str, ...], under: Mapping[str, object], edit: Edit) -> tuple[list[str], list[str]]:
    """A piece as the emitter lays it out, before and after the edit."""
    emitter = round_trip()
    root = emitter.load(text)
    before = dumped_lines(emitter, root)
    *above, service = keys
    holder = root
    for key in above:
        holder = holder[key]
    if holder[service] is None:
        holder[service] = as_node({})
    change(holder[service], under, edit, as_node)
    return before, dumped_lines(emitter, root)


def _kept(lines: list[str], before: list[str], after: list[str], shifted: list[str]) -> list[str]:
    """The lines of a piece, and where the edit changes them, the emitter's."""
    if len(before) != len(lines):  # the emitter would lay out what is there in another way: no line can be matched
        return shifted
    kept: list[str] = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            kept += lines[start:end]
        else:
            new = shifted[new_start:new_end]
            kept += [line for line in lines[start:end] if line.lstrip().startswith("#") and line not in new]
            kept += new
    return kept
