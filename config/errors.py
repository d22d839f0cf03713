"""One report for everything that is wrong with a stack's settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


class Unset:
    """The value of a key that is not there."""


UNSET: Final = Unset()
_LONGEST_VALUE = 200


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands, what it is, the rule, and what to type instead."""

    path: str
    """The key's path in the file, for example ``services.gateway.replicas``."""
    rule: str
    """What must hold, as a sentence without its subject: "must be …"."""
    mend: str = ""
    """What to type instead, or the command to run."""
    value: object = UNSET
    """The offending value; never a secret."""
    file: str = ""
    """The file's name; filled in by the loader."""
    line: int | None = None
    """The line in the file, from 1."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        lines = [f"  {where}  {self.path}"]
        if self.value is not UNSET:
            lines.append(f"    value  {shown(self.value)}")
        lines.append(f"    rule   {self.rule}")
        if self.mend:
            lines.append(f"    mend   {self.mend}")
        return "\n".join(lines)


class SettingsError(ValueError):
    """The settings of a stack cannot be used; ``str()`` is the complete report.

    Raised before anything is registered, so nothing was created and nothing is lost.
    """

    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        distinct: list[Problem] = []
        for problem in problems:
            if problem not in distinct:
                distinct.append(problem)
        self.problems: Sequence[Problem] = tuple(sorted(distinct, key=lambda each: (each.file, each.line or 0)))
        count = len(self.problems)
        head = f"{subject}: {count} error{'s' if count != 1 else ''}; nothing was created."
        super().__init__("\n\n".join([head, *map(str, self.problems)]))


def shown(value: object) -> str:
    """A value as it stands in YAML, cut when long."""
    if isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be."""
    import difflib  # noqa: PLC0415 -- only where a word was mistyped

    by_lower = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean "x"?`` with what is known, or the list of it."""
    names = sorted(known)
    match = nearest(word, names)
    if match is not None:
        return f'did you mean "{match}"?'
    return f"known here: {', '.join(names)}" if names else "there is none"
