"""`ackp policy`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from cli.options import ROOT, AsJson, StackName

if TYPE_CHECKING:
    from policies.rule import Finding, Rule
    from policies.rules import Verdict, Waiver


def policy(stack: StackName, *, json_: AsJson = False) -> None:
    """Judge a stack's Kubernetes objects, ALB and NAS by the rules of policies/: what must not be, what should not.

    Nothing is contacted. `pulumi preview --policy-pack policies` applies the same rules. Exit code 3 if a mandatory
    rule is broken, or a waiver covers nothing; advisory findings are only told.

    Example: ackp policy uat
    """
    from cli.console import readable_errors  # noqa: PLC0415 - help does not need it
    from components.manifests.cloud import cloud_resources  # noqa: PLC0415 - help does not need it
    from components.manifests.platform import platform_objects  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from policies.rules import Waiver, judge  # noqa: PLC0415 - help does not need it

    with readable_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        waivers = Waiver.read(each.model_dump() for each in settings.waivers)
        verdict = judge([*platform_objects(settings), *cloud_resources(settings)], waivers)
    if json_:
        typer.echo(json.dumps(_as_json(verdict), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(stack, verdict)))
    if verdict.refused:
        raise typer.Exit(3)


def _lines(stack: str, verdict: Verdict) -> list[str]:
    by_rule: dict[str, list[Finding]] = {}
    for level in ("mandatory", "advisory"):
        for finding in verdict.open:
            if finding.rule.level == level:
                by_rule.setdefault(finding.rule.id, []).append(finding)
    mandatory = sum(found[0].rule.level == "mandatory" for found in by_rule.values())
    head = f"{stack}: {mandatory} mandatory rules broken, {len(by_rule) - mandatory} advisory"
    lines = [f"{head}; {len(verdict.waived)} findings waived"]
    for found in by_rule.values():
        lines += ["", f"{found[0].rule.id} ({found[0].rule.level})", *_about(found[0].rule)]
        lines += [f"  {each.object}: {each.said}" for each in found]
    for finding, waiver in verdict.waived:
        lines += ["", f"{finding.rule.id} (waived until {waiver.until}: {waiver.reason})"]
        lines += [f"  {finding.object}: {finding.said}"]
    lines += [f"\n{each}" for each in map(_unused, verdict.unused)]
    return lines


def _about(rule: Rule) -> list[str]:
    return [f"  why   {rule.reason}", f"  mend  {rule.mend}"]


def _unused(waiver: Waiver) -> str:
    of = f" for {waiver.service}" if waiver.service else ""
    return f"waivers: {waiver.rule}{of} covers nothing: take it out"


def _as_json(verdict: Verdict) -> dict[str, Any]:
    def plain(finding: Finding) -> dict[str, str]:
        rule = finding.rule
        about = {"rule": rule.id, "level": rule.level, "reason": rule.reason, "mend": rule.mend, "source": rule.source}
        return {**about, "object": finding.object, "service": finding.service, "said": finding.said}

    return {
        "refused": verdict.refused,
        "open": [plain(each) for each in verdict.open],
        "waived": [
            {**plain(each), "waiver": {"reason": waiver.reason, "until": waiver.until}}
            for each, waiver in verdict.waived
        ],
        "unusedWaivers": [{"rule": each.rule, "service": each.service} for each in verdict.unused],
    }
