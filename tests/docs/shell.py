"""Commands as a page shows them, taken apart as a shell does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tests.docs.documents import Page

_BETWEEN = frozenset("|;&")


def commands(page: Page) -> list[list[str]]:
    """The words of each command of a page: of every line of its shell blocks, and of code in its prose."""
    found = [words for block in page.blocks if block.language == "sh" for words in split(block.text)]
    for code in page.code:
        if code.startswith(("kubectl ", "pulumi ", "scripts/")):
            found += split(code)
    return found


def split(text: str) -> Iterator[list[str]]:
    """The words of each command; a command that quotes goes on over lines, and a pipe begins another one."""
    held = ""
    for line in text.splitlines():
        held += line
        lexer = shlex.shlex(held, posix=True, punctuation_chars="|;&<>")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:  # a quote is open
            held += "\n"
            continue
        held = ""
        yield from _between_pipes(words)
    assert not held, f"a quote is never closed: {held}"


def _between_pipes(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if set(word) <= _BETWEEN:
            yield command
            command = []
        else:
            command.append(word)
    if command:
        yield command
