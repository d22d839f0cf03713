"""A reader of the flowcharts that are drawn here, which takes nothing that Mermaid might read otherwise."""

import re
from dataclasses import dataclass, field

_ID = r"[a-zA-Z][A-Za-z0-9_]*"
_LABEL = r'"(?:[^"\n#<>&;`*|{}\[\]]|#\d+;|<br/>)+"'
_SHAPES = (r"\(\[", r"\]\)"), (r"\[\[", r"\]\]"), (r"\[\(", r"\)\]"), (r"\{\{", r"\}\}"), (r"\(", r"\)"), (r"\[", r"\]")
_NODE = "|".join(rf"{before}{_LABEL}{after}" for before, after in _SHAPES)
_LINES = {
    "node": re.compile(rf"(?P<indent>  |    )(?P<id>{_ID})(?P<label>{_NODE})"),
    "edge": re.compile(rf"  (?P<source>{_ID}) (?P<arrow>-->|-\.->)(?:\|(?P<label>{_LABEL})\|)? (?P<target>{_ID})"),
    "subgraph": re.compile(rf"  subgraph (?P<id>{_ID})\[(?P<label>{_LABEL})\]"),
    "end": re.compile(r"  end"),
}
_WORDS = {
    "end",
    "default",
    "graph",
    "flowchart",
    "subgraph",
    "style",
    "linkStyle",
    "classDef",
    "class",
    "click",
    "href",
}
"""No id may be one of these."""


@dataclass
class Drawn:
    """What a flowchart shows."""

    nodes: dict[str, str] = field(default_factory=dict)
    """Labels by id, with ``/`` between their lines."""
    groups: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Title and nodes of each group."""
    edges: dict[tuple[str, str], str] = field(default_factory=dict)
    """Labels by source and target; a dotted one begins with ``..``."""


def read(text: str) -> Drawn:
    """Take a flowchart apart; a line that is none of the known ones fails."""
    drawn, group = Drawn(), None
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    assert text.endswith("\n")
    for line in lines:
        kind, match = next(
            ((kind, match) for kind, each in _LINES.items() if (match := each.fullmatch(line))), ("", None)
        )
        assert match, line
        if kind == "node":
            assert match["indent"] == ("    " if group else "  "), line
            assert match["id"] not in {*drawn.nodes, *drawn.groups, *_WORDS}, line
            assert not drawn.edges, "nodes stand before edges"
            drawn.nodes[match["id"]] = _said(match["label"])
            if group:
                drawn.groups[group][1].append(match["id"])
        elif kind == "edge":
            assert {match["source"], match["target"]} <= set(drawn.nodes), line
            assert (match["source"], match["target"]) not in drawn.edges, line
            dots = ".." if match["arrow"] == "-.->" else ""
            drawn.edges[match["source"], match["target"]] = dots + _said(match["label"] or '""')
        elif kind == "subgraph":
            assert group is None, line
            group = match["id"]
            assert group not in {*drawn.nodes, *drawn.groups, *_WORDS}, line
            drawn.groups[group] = (_said(match["label"]), [])
        else:
            assert group, line
            group = None
    assert group is None
    return drawn


def _said(label: str) -> str:
    inside = label[label.index('"') + 1 : label.rindex('"')].replace("<br/>", " / ")
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), inside)
