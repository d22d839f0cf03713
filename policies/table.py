"""The table of rules in docs/how-to/policies.md. ``python -m policies.table`` writes it there, ``--check`` compares."""

from __future__ import annotations

import sys
from pathlib import Path

from policies.pod import WORKLOADS
from policies.rules import RULES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "policies.md"
_BEGIN, _END = "<!-- rules: written by python -m policies.table -->\n", "<!-- rules: end -->"


def table() -> str:
    """Markdown: one line for each rule."""
    lines = ["| Rule | Level | Of | An object that breaks it | Mend |", "|---|---|---|---|---|"]
    lines += [
        f"| [`{rule.id}`]({rule.source}) | {rule.level} | {_kinds(rule.kinds)} | {rule.reason} | {rule.mend} |"
        for rule in RULES
    ]
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    """The page with the table as it is now."""
    before, _begin, rest = page.partition(_BEGIN)
    return f"{before}{_BEGIN}{table()}{_END}{rest.partition(_END)[2]}"


def _kinds(kinds: tuple[str, ...]) -> str:
    return "pods" if kinds == WORKLOADS else ", ".join(kinds)


def main() -> None:
    """Write the table, or say that the page is stale."""
    text = PAGE.read_text(encoding="utf-8")
    if "--check" not in sys.argv:
        PAGE.write_text(written(text), encoding="utf-8")
    elif written(text) != text:
        sys.exit(f"{PAGE.name}: not what the rules say; run `python -m policies.table`")


if __name__ == "__main__":
    main()
