"""A flowchart in the words of Mermaid, as GitHub and GitLab draw it.

Source: https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from enum import Enum
from itertools import count

_PLAIN = re.compile(r"[^\w .,:/()%=+'-]")
"""What stands in a label as its number: quotes would end it, and asterisks, backticks and hashes mean something."""


class Shape(Enum):
    """The outlines of nodes, each with what stands before and after its label."""

    BOX = ("[", "]")
    ROUND = ("(", ")")
    STADIUM = ("([", "])")
    SUBROUTINE = ("[[", "]]")
    CYLINDER = ("[(", ")]")
    HEXAGON = ("{{", "}}")


class Flowchart:
    """Nodes in groups, and edges between them, drawn from left to right in the order in which they were added."""

    def __init__(self) -> None:
        self._ids: dict[Hashable, str] = {}
        self._groups: dict[str | None, list[str]] = {None: []}
        self._titles: dict[str, str] = {}
        self._taken: set[str] = set()
        self._edges: dict[str, None] = {}

    def group(self, name: str, *lines: str) -> None:
        """Name a group of nodes: it is drawn as a box around them, with these lines as its title."""
        self._titles[name] = label(*lines)

    def node(self, kind: str, name: str, shape: Shape, *lines: str, group: str | None = None) -> str:
        """Add a node, or find the one of this kind and name.

        Returns:
            Its id, for edges.
        """
        key = (kind, name)
        if key not in self._ids:
            self._ids[key] = self._new_id(f"{kind}_{name}" if name else kind)
            before, after = shape.value
            self._groups.setdefault(group, []).append(f"{self._ids[key]}{before}{label(*lines)}{after}")
        return self._ids[key]

    def edge(self, source: str, target: str, *lines: str, dotted: bool = False) -> None:
        """Add an arrow from one node to another, once."""
        arrow = "-.->" if dotted else "-->"
        said = f"|{label(*lines)}|" if lines else ""
        self._edges[f"{source} {arrow}{said} {target}"] = None

    def __str__(self) -> str:
        """The text, with a line break at its end."""
        drawn = ["flowchart LR"]
        for group, nodes in self._groups.items():
            if group is None:
                drawn += [f"  {node}" for node in nodes]
            else:
                title = self._titles.get(group, label(group))
                drawn += [f"  subgraph {group}[{title}]", *(f"    {node}" for node in nodes), "  end"]
        return "".join(f"{line}\n" for line in [*drawn, *(f"  {edge}" for edge in self._edges)])

    def _new_id(self, wanted: str) -> str:
        """Letters, digits and underscores, and unlike any other."""
        plain = re.sub(r"[^A-Za-z0-9]", "_", wanted)
        numbered = (f"{plain}_{number}" if number else plain for number in count())
        found = next(each for each in numbered if each not in self._taken and each not in self._titles)
        self._taken.add(found)
        return found


def label(*lines: str) -> str:
    """Lines as one quoted label, whatever they hold."""
    return '"' + "<br/>".join(_PLAIN.sub(lambda match: f"#{ord(match[0])};", line) for line in lines) + '"'
