"""Resources as a tree by component, with marks for what happens to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rich.text import Text
from rich.tree import Tree

from sandbox.changes import SAME, Changes, Step

_MARKS = {"create": ("+", "green"), "update": ("~", "yellow"), "replace": ("±", "magenta"), "delete": ("-", "red")}
_DONE = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
_MOST_PATHS = 6


def tree(changes: Changes, stack: str) -> Tree:
    """What changes, by component; what stays as it is appears only as a parent of what does not.

    Args:
        changes: What the engine did or would do.
        stack: The stack's name, for the root.
    """
    steps = changes.steps
    known = {step.urn for step in steps if not step.is_stack}
    children: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        if not step.is_stack:
            children[step.parent if step.parent in known else ""].append(step)
    root = Tree(Text(stack, style="bold"), guide_style="dim")
    _grow(root, children[""], children)
    return root


def summary(changes: Changes, seconds: float, *, planned: bool = False) -> str:
    """One line: how many resources, and what happened or would happen to them.

    Args:
        changes: What the engine did or would do.
        seconds: How long it took.
        planned: Whether it only would happen.
    """
    counts = changes.counts
    parts = [f"{counts[op]} {'to ' + op if planned else word}" for op, word in _DONE.items() if counts[op]]
    same = f"{counts[SAME]} unchanged"
    return f"{', '.join([*parts, same] if counts[SAME] else parts)}, in {seconds:.1f} s"


def counting(changes: Changes) -> str:
    """A short text for the live line: what has happened so far."""
    counts = changes.counts
    parts = [f"{counts[op]} {word}" for op, word in {**_DONE, SAME: "unchanged"}.items() if counts[op]]
    return f"resources: {', '.join(parts) or 'none yet'}"


def _grow(branch: Tree, steps: Iterable[Step], children: Mapping[str, list[Step]]) -> bool:
    """Add the steps that matter; tell whether there was one. The engine's order differs from run to run: sort."""
    any_grown = False
    for step in sorted(steps, key=lambda step: (step.type, step.name)):
        twig = Tree(_label(step), guide_style="dim")
        if _grow(twig, children.get(step.urn, ()), children) or step.op in _MARKS:
            branch.children.append(twig)
            any_grown = True
    return any_grown


def _label(step: Step) -> Text:
    mark, colour = _MARKS.get(step.op, (" ", ""))
    kind = step.type.rpartition(":")[2]
    if step.type.startswith("pulumi:providers:"):
        kind = f"{kind} provider"
    text = Text.assemble((f"{mark} ", colour), (kind, "bold"), f" {step.name}")
    if step.paths:
        more = f" and {len(step.paths) - _MOST_PATHS} more" if len(step.paths) > _MOST_PATHS else ""
        text.append(f"  {', '.join(step.paths[:_MOST_PATHS])}{more}", style="dim")
    return text
