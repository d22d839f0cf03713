"""The policy pack: ``pulumi preview --policy-pack policies``. It needs no account.

The engine hands every resource over once for each policy, and unpacking it costs more than all rules, so there are four
policies: what must and what should be, of one resource and of the whole stack. A finding names its rule.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from policies.rule import Level, Object, Objects, Rule, findings  # noqa: E402 - found by the line above
from policies.rules import RULES, Waiver  # noqa: E402 - as above

WAIVERS = "ack-platform:waivers"


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A property without the engine's wrappers; what is known only after creation is left out."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in _known(value, value)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for _index, each in _known(value, range(len(value)))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _known(value: Any, keys: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - a mapping or a list, with its keys
    for key in keys:
        try:
            yield key, value[key]
        except UnknownValueError:
            continue


def as_object(type_: str, properties: Mapping[str, Any]) -> Object | None:
    """A resource as rules want it; None for what they do not judge."""
    if type_.startswith(("kubernetes:", "alicloud:")) and not type_.startswith("kubernetes:helm"):
        return {**plain(properties), "kind": type_.rpartition(":")[2]}
    return None


@cache
def waivers(stack: str) -> tuple[Waiver, ...]:
    """The stack file's waivers; the program has checked them, and that none has passed its day."""
    config = os.environ.get("PULUMI_CONFIG")  # an engine that starts the pack without a language host says it here
    if config:
        return Waiver.read(json.loads(json.loads(config).get(WAIVERS, "[]")))
    file = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    return Waiver.read((file.get("config") or {}).get(WAIVERS))


def _open(rules: Sequence[Rule], urn: str, judged: Object, every: Objects) -> Iterator[str]:
    """What is wrong with a resource and not waived."""
    stack = urn.split("::", maxsplit=1)[0].removeprefix("urn:pulumi:")
    for finding in findings(rules, [judged], every):
        if not any(waiver.covers(finding) for waiver in waivers(stack)):
            yield str(finding)


def _of_resource(rules: Sequence[Rule]) -> Any:  # noqa: ANN401 - what ResourceValidationPolicy takes
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        judged = as_object(args.resource_type, args.props)
        if judged is not None:
            for said in _open(rules, args.urn, judged, Objects([judged])):
                report(said, None)

    return validate


def _of_stack(rules: Sequence[Rule]) -> Any:  # noqa: ANN401 - what StackValidationPolicy takes
    kinds = {kind for rule in rules for kind in rule.kinds}

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        found = [(each.urn, as_object(each.resource_type, each.props)) for each in args.resources]
        every = Objects(each for _urn, each in found if each is not None)
        for urn, each in found:
            if each is not None and each["kind"] in kinds:
                for said in _open(rules, urn, each, every):
                    report(said, urn)

    return validate


def policies() -> list[ResourceValidationPolicy | StackValidationPolicy]:
    """The four policies."""
    levels: dict[Level, EnforcementLevel] = {
        "mandatory": EnforcementLevel.MANDATORY,
        "advisory": EnforcementLevel.ADVISORY,
    }
    made: list[ResourceValidationPolicy | StackValidationPolicy] = []
    for level, enforced in levels.items():
        single = [rule for rule in RULES if rule.level == level and not rule.whole]
        whole = [rule for rule in RULES if rule.level == level and rule.whole]
        made += [
            ResourceValidationPolicy(
                name=f"{level}-of-each-resource",
                description=f"One of {len(single)} {level} rules of each resource is broken:",
                enforcement_level=enforced,
                validate=_of_resource(single),
            ),
            StackValidationPolicy(
                name=f"{level}-of-the-stack",
                description=f"One of {len(whole)} {level} rules of the whole stack is broken:",
                enforcement_level=enforced,
                validate=_of_stack(whole),
            ),
        ]
    return made


if __name__ == "__main__":
    PolicyPack(name="ack-platform", policies=policies())
