"""A rule: what it demands of which objects, why, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Object = Mapping[str, Any]
"""A Kubernetes object in wire format, a cloud resource's inputs with its type's name as ``kind``, ``LoadBalancer``."""

Level = Literal["mandatory", "advisory"]
MUST: Level = "mandatory"
SHOULD: Level = "advisory"
NAME_LABEL = "app.kubernetes.io/name"


class Objects:
    """All objects of a stack, as far as they are known; a rule looks for a kind, so they are sorted by it once."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._by_kind: dict[str, list[Object]] = {}
        for each in objects:
            self._by_kind.setdefault(str(each.get("kind")), []).append(each)

    def of(self, *kinds: str) -> Iterator[Object]:
        """Those of some kinds, kind by kind, in their order."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def beside(self, each: Object, *kinds: str) -> Iterator[Object]:
        """Those of some kinds in the namespace of an object."""
        namespace = metadata(each).get("namespace")
        return (other for other in self.of(*kinds) if metadata(other).get("namespace") == namespace)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: what a waiver names.
        level: ``mandatory`` ends the run, ``advisory`` is told.
        kinds: the kinds that it judges.
        reason: why, as a sentence without its subject: "could …".
        mend: what to write into the stack file.
        source: a public page.
        check: judges one object; ``every`` has all objects of the stack, for what only they can tell. Each thing that
            is wrong is a part of a sentence: "container app: …".
        whole: whether ``check`` looks into ``every``; such a rule runs when all objects are known.
    """

    id: str
    level: Level
    kinds: tuple[str, ...]
    reason: str
    mend: str
    source: str
    check: Callable[[Object, Objects], Iterator[str]]
    whole: bool = False


@dataclass(frozen=True)
class Finding:
    """One object that breaks a rule.

    Attributes:
        rule: the rule.
        object: the object, ``Deployment uat/gateway``.
        service: the service that it belongs to; empty: none.
        said: what is wrong.
    """

    rule: Rule
    object: str
    service: str
    said: str

    def __str__(self) -> str:
        return (
            f"{self.rule.id}: {self.object}: {self.said}\n"
            f"    why    {self.rule.reason}\n"
            f"    mend   {self.rule.mend}\n"
            f"    source {self.rule.source}"
        )


def findings(rules: Sequence[Rule], judged: Sequence[Object], every: Objects) -> Iterator[Finding]:
    """What is wrong with objects.

    Args:
        rules: the rules to apply.
        judged: the objects to judge.
        every: all objects of the stack, as far as they are known.
    """
    for each in judged:
        for rule in rules:
            if each.get("kind") in rule.kinds:
                for said in rule.check(each, every):
                    yield Finding(rule, shown(each), service_of(each), said)


def metadata(each: Object) -> Mapping[str, Any]:
    """The object's metadata, empty if it has none."""
    return each.get("metadata") or {}


def spec(each: Object) -> Mapping[str, Any]:
    """The object's specification, empty if it has none."""
    return each.get("spec") or {}


def shown(each: Object) -> str:
    """``Deployment uat/gateway``."""
    about = metadata(each)
    name = "/".join(str(part) for part in (about.get("namespace"), about.get("name")) if part)
    return f"{each.get('kind')} {name}".rstrip()


def service_of(each: Object) -> str:
    """The service that an object belongs to, by its label; empty: none."""
    return str((metadata(each).get("labels") or {}).get(NAME_LABEL, ""))
