"""All rules, and what waivers leave of their findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies import access, cloud, network, pods, workloads
from policies.rule import Finding, Object, Objects, Rule, findings

RULES: tuple[Rule, ...] = (*pods.RULES, *workloads.RULES, *network.RULES, *access.RULES, *cloud.RULES)


@dataclass(frozen=True)
class Waiver:
    """A line of the stack file that a rule need not hold for a service; without a service, for what belongs to none.

    Attributes:
        rule: the rule's id.
        service: the service; empty: objects of the stack itself.
        reason: why.
        until: the last day, ``2027-01-31``.
    """

    rule: str
    service: str
    reason: str
    until: str

    @classmethod
    def read(cls, entries: Iterable[Mapping[str, Any]] | None) -> tuple[Waiver, ...]:
        """The entries of ``ack-platform:waivers``, valid as the program has checked them."""
        return tuple(
            cls(str(each["rule"]), str(each.get("service") or ""), str(each["reason"]), str(each["until"]))
            for each in entries or ()
        )

    def covers(self, finding: Finding) -> bool:
        """Whether this waiver is about a finding."""
        return (self.rule, self.service) == (finding.rule.id, finding.service)


@dataclass(frozen=True)
class Verdict:
    """What rules say of a stack.

    Attributes:
        open: findings that nothing waives.
        waived: findings that a waiver covers, with it.
        unused: waivers that cover nothing.
    """

    open: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    unused: tuple[Waiver, ...]

    @property
    def refused(self) -> bool:
        """Whether a run must not go on."""
        return bool(self.unused) or any(each.rule.level == "mandatory" for each in self.open)


def judge(objects: Sequence[Object], waivers: Sequence[Waiver] = (), rules: Sequence[Rule] = RULES) -> Verdict:
    """Judge all objects of a stack.

    Args:
        objects: all of them.
        waivers: those of the stack file.
        rules: all rules, if left out.
    """
    left, waived = [], []
    for finding in findings(rules, objects, Objects(objects)):
        waiver = next((each for each in waivers if each.covers(finding)), None)
        if waiver is None:
            left.append(finding)
        else:
            waived.append((finding, waiver))
    used = {waiver for _finding, waiver in waived}
    return Verdict(tuple(left), tuple(waived), tuple(each for each in waivers if each not in used))
