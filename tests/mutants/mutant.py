"""One control, dropped by one edit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """One control, dropped by one edit.

    Attributes:
        control: What is dropped.
        where: Of what.
        file: The source, from the project's folder.
        text: What stands there, exactly once.
        instead: What stands there in the mutant.
    """

    control: str
    where: str
    file: str
    text: str
    instead: str = ""

    @property
    def package(self) -> str:
        """The package that it is in: ``components``."""
        return self.file.partition("/")[0]

    def applied(self, tree: Path) -> str:
        """The mutant's source.

        Raises:
            LookupError: the text is not there, or not once.
        """
        source = (tree / self.file).read_text(encoding="utf-8")
        if source.count(self.text) != 1:
            raise LookupError(f"{self.control}, {self.where}: {self.file} has its text {source.count(self.text)} times")
        return source.replace(self.text, self.instead)
