"""The documentation of settings: the docstrings below a class's attributes."""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache


@cache
def attribute_docstrings(owner: type) -> Mapping[str, str]:
    """Each annotated attribute of a class, its bases included, with the docstring below it as plain running text."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        if base.__module__.startswith("config."):
            found |= _own_docstrings(base)
    return found


def class_docstring(owner: type) -> str:
    """What a class is: its docstring without indentation."""
    return plain(inspect.cleandoc(owner.__doc__ or ""))


def plain(text: str) -> str:
    """Running text without the mark-up of docstrings."""
    return " ".join(text.replace("``", "`").split())


def _own_docstrings(owner: type) -> dict[str, str]:
    definition = _classes(owner.__module__)[owner.__qualname__]
    found: dict[str, str] = {}
    for attribute, below in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[attribute.target.id] = plain(below.value.value)
    return found


@cache
def _classes(module: str) -> Mapping[str, ast.ClassDef]:
    """The classes of a module by name; its source is parsed once, where `inspect` would do it for each class."""
    parsed = ast.parse(inspect.getsource(sys.modules[module]))
    return {each.name: each for each in parsed.body if isinstance(each, ast.ClassDef)}
